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
};
