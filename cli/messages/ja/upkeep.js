// @ts-check
'use strict';

module.exports = {
  'config.description':
    '有効な設定を、その出どころとともにすべて示す\nオプションは環境変数 FLUORITE_* に、環境変数はファイルに、ファイルは既定値に優先します。',
  'config.examples':
    'fluorite-memory config\nfluorite-memory config --json\nfluorite-memory config init\nfluorite-memory config init ~/.config/fluorite/fluorite.toml',
  'config.init': 'すべての項目をコメントで示した TOML ファイルを書く',
  'config.file': '書くファイル',
  'config.force': 'すでにあるファイルを置き換える',
  'config.key': '項目',
  'config.value': '値',
  'config.unit': '単位',
  'config.origin': '出どころ',
  'config.from_default': '既定値',
  'config.from_environment': '環境変数',
  'config.from_file': 'ファイル',
  'config.from_option': 'オプション',
  'config.exists': '{path} はすでにあります。別のファイルを指定するか、--force を付けて置き換えてください。',
  'config.written': '{path} を書きました。',

  'history.description':
    '自分の検索を新しい順に示す、または消す\nこのマシンの中、リポジトリの外だけに保存されます。場所と期間は docs/privacy.md にあります。',
  'history.examples':
    'fluorite-memory history\nfluorite-memory history --limit 100 --json\nfluorite-memory history --clear',
  'history.clear': 'すべて消す',
  'history.cleared': '{count} 件の検索を消しました',
  'history.hits': '{count} 件',
  'history.empty': '検索の履歴はありません。',

  'export.description':
    'チャンクを、共有できるフォルダーに書き出す\n同じ記憶からは同じファイルができます。フィードバックや他者から得たもの、秘密情報らしきもの、このマシンのフォルダー名を含むものは除き、その数を示します。',
  'export.examples':
    'fluorite-memory export ./learning-chunks\nfluorite-memory export ./learning-chunks --min-quality 0.7',
  'export.folder': '書き出すフォルダー（例: ./learning-chunks）',
  'export.done': '{chunks} チャンク、{files} ファイル、{size} を {path} に書き出しました（{time}）',
  'export.skipped': '除いたもの:',

  'import.description':
    '他者が書き出したチャンクを取り込む\n自分のチャンクはそのまま残り、同じ出どころから以前に取り込んだものは置き換わります。',
  'import.examples':
    'fluorite-memory import ./learning-chunks\nfluorite-memory import ../team/learning-chunks --source team --trust 0.8',
  'import.folder': 'export が書いたフォルダー',
  'import.trust': 'チャンクの品質に掛ける数（0 から 1。既定値: 0.5）',
  'import.source': '誰のチャンクか（既定値: フォルダーの名前）',
  'import.title': '{source} から（信頼度 {trust}）',
  'import.imported': '取り込み {count}',
  'import.replaced': '置き換え {count}',
  'import.unchanged': '変更なし {count}',
  'import.kept': '元のまま {count}',
  'import.rejected': '{count} 件は取り込めませんでした。ほかは取り込みました。',

  'backup.description':
    '記憶を、使い続けながらフォルダーに複製する\n複製には一貫性があり、そのまま記憶として開けます。作り直せるものは含みません。',
  'backup.examples':
    'fluorite-memory backup ~/backups/memory-$(date +%F)\nfluorite-memory search login --memory ~/backups/memory-2026-01-01',
  'backup.folder': '作るフォルダー（まだないか、空であること）',
  'backup.done': '{chunks} チャンク、{size} を {path} に複製しました（{time}）',

  'verify.description': '保存されているものをすべて検査する',
  'verify.examples': 'fluorite-memory verify\nfluorite-memory verify --json',
  'verify.done': '{chunks} チャンクと {embeddings} ベクトルを検査しました（{time}）',
  'verify.problems': '問題が {count} 件あります。直すには: fluorite-memory repair',

  'repair.description':
    '壊れた記憶を直す\n読めないものは別に取り置いて示し、作り直せるものはすべて作り直します。',
  'repair.examples': 'fluorite-memory backup ./before-repair\nfluorite-memory repair',
  'repair.lost': '失われたもの',
  'repair.nothing': '直すものはありませんでした（{time}）。',
  'repair.done': '修復 {repaired}、失われたもの {lost}（{time}）',
  'repair.some_lost': '失われたチャンクがあります。もう一度学習するか、取り込んでください。',

  'compact.description': '記憶がもう使っていないディスクの領域を空ける',
  'compact.examples': 'fluorite-memory compact',
  'compact.done': '{before} から {after} になりました。チャンクのないベクトル {removed} 個を削除（{time}）',
};
