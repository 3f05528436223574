// @ts-check
'use strict';

module.exports = {
  'patterns.description':
    'フレームワークの組み合わせ方を示す\n組み合わせの実例を示し、すべてを含む実例がなければ、二つずつ、一つずつの例から組み立てます。',
  'patterns.examples':
    'fluorite-memory patterns nextjs laravel\nfluorite-memory patterns nextjs hono prisma --json',
  'patterns.frameworks': 'フレームワーク（表記は問わない）',
  'patterns.all': 'すべてを組み合わせた実例があります（{count} 件）。',
  'patterns.pairs': 'すべてを組み合わせた実例はありません。二つずつの実例があります。',
  'patterns.singles': '組み合わせた実例はありません。それぞれ単独の実例があります。',
  'patterns.none': 'どれも記憶にありません。',
  'patterns.score': 'スコア {score}',
  'patterns.unknown': '記憶にないもの: {names}',
  'patterns.shown': 'パターン',
  'patterns.count': '{count} 件',
  'patterns.roles': '役割の分担',
  'patterns.added': 'よく加えられるもの',

  'frameworks.description':
    '記憶にあるフレームワーク、またはその一つといっしょに使われるものを示す\n名前がなければ、それぞれを含むパターンの件数を示します。名前があれば、いっしょに使われるものを確かな順に示します。',
  'frameworks.examples':
    'fluorite-memory frameworks\nfluorite-memory frameworks nextjs\nfluorite-memory frameworks --min-support 0.05 --json',
  'frameworks.framework': 'フレームワーク（表記は問わない）',
  'frameworks.min_support':
    'いっしょに使われるもののうち、両方を含むパターンの割合がこれ以上のものだけ（0 から 1）',
  'frameworks.related': '相手',
  'frameworks.kind': '種類',
  'frameworks.count': '件数',
  'frameworks.confidence': '割合',
  'frameworks.lift': 'リフト',
  'frameworks.kind_framework': 'フレームワーク',
  'frameworks.kind_language': '言語',
  'frameworks.kind_feature': '機能',
  'frameworks.kind_file': 'ファイル',
  'frameworks.name': 'フレームワーク',
  'frameworks.empty': 'フレームワークはまだ記憶にありません。',
  'frameworks.none': 'いっしょに使われるものは記憶にありません。',

  'clusters.description': '似たパターンのまとまりを、大きい順に示す',
  'clusters.examples': 'fluorite-memory clusters\nfluorite-memory clusters --framework laravel --limit 5',
  'clusters.framework': 'これを含むまとまりだけ',
  'clusters.counts': '{size} チャンク（重複を除いて {distinct}）、まとまり {coherence}',
  'clusters.none': 'まとまりがありません。保存したものが少ないか、ベクトルがありません。',

  'stats.description': '記憶の内容、使われ方、学習の結果を示す',
  'stats.examples':
    'fluorite-memory stats\nfluorite-memory stats --json | jq .chunks\nfluorite-memory stats --prometheus > /var/lib/node_exporter/fluorite.prom',
  'stats.memory': '記憶: {path}',
  'stats.chunks': 'チャンク',
  'stats.store_bytes': '保存領域',
  'stats.embeddings_bytes': 'ベクトル',
  'stats.model': 'モデル',
  'stats.no_model': 'なし',
  'stats.python': 'Python',
  'stats.hit_rate': 'キャッシュのヒット率',
  'stats.learning': '学習',
  'stats.never_learned': 'スパイクテンプレートはまだ学習していません',
  'stats.last_run': '前回の学習: {time}、{path}',
  'stats.prometheus': 'Prometheus のテキスト形式で出力する',
  'stats.memory_use': 'このプロセスのメモリー',
  'stats.quality': '品質ごとのチャンク数',
  'stats.combinations': '前回の学習でいっしょに現れたフレームワーク',
  'stats.retrieval': '自分の組の見つけやすさ（MRR@10）',
  'stats.before': '学習前',
  'stats.after': '学習後',
  'stats.searches': '履歴にある検索',
  'stats.kept': '検索',
  'stats.seconds': '前回の学習にかかった時間の内訳',
};
