// @ts-check
'use strict';

module.exports = {
  'memory.none':
    '{path} に記憶はまだありません。\n  何かを学習すると作られます: fluorite-memory learn FOLDER\n  別の場所を指定するには: --memory FOLDER',
  'memory.empty': '--memory が空です。フォルダーを指定するか、オプションを外してください。',

  'learn.description':
    'フォルダーを学習する（スパイクテンプレート、文書、コード）\nフォルダーの中身は自動で見分けます。前回から増えたもの、変わったもの、なくなったものだけを読み、秘密情報らしきものは保存しません。',
  'learn.examples':
    'fluorite-memory learn ./src/spikes\nfluorite-memory learn ./docs ./src\nfluorite-memory learn --as documents ./handbook\nfluorite-memory learn --dry-run ./src\nfluorite-memory learn --watch ./src/spikes',
  'learn.folder': '学習するフォルダー（既定値: 設定の spike_templates_path）',
  'learn.as': '見分けずに、この種類として学習する。繰り返し指定できる',
  'learn.watch': '終了せず、スパイクテンプレートが変わるたびに学習する',
  'learn.watching': '{path} を見守っています。Ctrl-C で終わります。',
  'learn.watches_spikes':
    '--watch はスパイクテンプレートのフォルダーだけに使えます（{path} は違います）。--watch を外すか、--as spikes を付けてください。',
  'learn.dry_run': '使い捨ての空の記憶にモデルなしで学習し、保存される内容と壊れたファイルを示すだけにする',
  'learn.no_model': 'ベクトルを作らない。学習したものは単語で検索できる',
  'learn.no_source':
    'フォルダーが指定されていません。指定するか、fluorite.toml の spike_templates_path を設定してください。\n  例: fluorite-memory learn ./src/spikes',
  'learn.no_folder': 'フォルダー {path} がありません。',
  'learn.no_directory': '{path} はファイルです。それを含むフォルダーを指定してください。',
  'learn.nothing': '{path} に学習できるものがありません。',
  'learn.learning': '{title}を学習しています: {path}',
  'learn.title': '{title}: {path}',
  'learn.spikes': 'スパイクテンプレート',
  'learn.documents': '文書',
  'learn.code': 'コード',
  'learn.new': '新規 {count}',
  'learn.changed': '変更 {count}',
  'learn.unchanged': '変更なし {count}',
  'learn.removed': '削除 {count}',
  'learn.chunks': '{stored} チャンクを保存（高品質 {good}）、{removed} を削除（{time}）',
  'learn.retrieval': '検索も学習しました: {reason}',
  'learn.repaired': '読み込み時に {count} ファイルを修復しました',
  'learn.secrets': '秘密情報らしきものがあるため、{count} チャンクを保存しませんでした:',
  'learn.malformed': '{count} ファイルは、全部または一部を学習できませんでした:',
  'learn.was_dry_run': '試行のため、何も保存していません。',

  'search.description':
    '単語と意味で検索する\n各結果に、スコア、ID、ラベル、一致した理由、要点となる行を示します。ハイフンで始まる語の前には -- を置いてください。',
  'search.examples':
    'fluorite-memory search "JWT 認証" --framework hono --limit 3\nfluorite-memory search retry a failed job\nfluorite-memory search ログイン --json | jq -r ".hits[].id"\nfluorite-memory search --like nextjs-bff-hono-proxy',
  'search.words': '探すもの（日本語または英語）',
  'search.type': 'この種類のチャンクだけ。繰り返し指定できる',
  'search.min_quality': '品質がこれ以上のチャンクだけ（0 から 1）',
  'search.min_score': 'スコアがこれより低い結果を除く（0 から 1）',
  'search.id_prefix': 'ID がこれで始まるチャンクだけ',
  'search.like': '語をチャンクの ID とみなし、似たものを探す',
  'search.no_fold': 'ほぼ同じチャンクも一件ずつ示す',
  'search.no_model': '単語だけで検索する。起動が速い',
  'search.by_words': '単語 {part}（{terms}）',
  'search.by_meaning': '意味 {part}',
  'search.by_quality': '品質 {part}',
  'search.variants': '類似 +{count}',
  'search.none': '見つかりませんでした。',
  'search.behind': '索引を作成中です。{count} 件の変更はまだ検索されていません。',
  'search.without_vector': '{count} チャンクにはまだベクトルがなく、単語だけで検索しました。',
  'search.words_only': '単語だけで検索しました: {reason}',

  'show.description': 'ID を指定してチャンクを表示する',
  'show.examples':
    'fluorite-memory show nextjs-bff-hono-proxy\nfluorite-memory show nextjs-bff-hono-proxy --explain\nfluorite-memory show my-chunk --content > pattern.ts',
  'show.id': 'ID（search が示すもの）',
  'show.content': '内容だけをそのまま出力する',
  'show.explain': '品質の内訳も示す',
  'show.type': '種類',
  'show.frameworks': 'フレームワーク',
  'show.tags': 'タグ',
  'show.quality': '品質',
  'show.stored': '保存日時',
  'show.quality_parts': '品質 {score} の内訳:',
  'show.bytes': '（{count} バイト）',
  'show.missing': 'そのチャンクはありません: {ids}',

  'store.description':
    'ファイルまたは標準入力からチャンクを保存する\n同じ ID があれば置き換えます。--lines では、ChunkInput の項目を持つ JSON を一行に一つずつ書いたファイルからまとめて保存します。',
  'store.examples':
    'fluorite-memory store hono-health-check src/health.ts --framework hono --tag monitoring\ngit diff | fluorite-memory store last-fix --type diff\nfluorite-memory store --lines chunks.jsonl',
  'store.id': 'チャンクの ID',
  'store.file': '内容のファイル。- または省略すると標準入力',
  'store.type': 'チャンクの種類（既定値: code）',
  'store.quality': '品質（0 から 1。既定値: 0.5）',
  'store.metadata': 'いっしょに保存する情報（JSON オブジェクト）',
  'store.lines': '多くのチャンクを一行ずつ書いた JSON のファイル。- は標準入力',
  'store.no_content':
    '内容がありません。ファイルを指定するか、パイプで渡してください: cat FILE | fluorite-memory store ID',
  'store.id_or_lines': 'チャンクの ID か --lines FILE のどちらか一つを指定してください。',
  'store.bad_line':
    '{file} の {line} 行目: 正しい JSON ではありません（{reason}）。何も保存していません。その行を直してください。',
  'store.stored_many': '保存 {stored}、置き換え {replaced}',
  'store.rejected': '{count} チャンクは保存できませんでした。ほかは保存しました。',
};
