// @ts-check
'use strict';

module.exports = {
  'auto-learn.description':
    '列挙した収集元から集め、学習し、書き出し、訓練し、求められればコミットする\nこれらの段階を一度に実行します。収集元や段階が一つ失敗しても、ほかは続けます。中断した実行は、次の実行が引き継ぎます。収集元の書き方は docs/automation.md にあります。',
  'auto-learn.examples':
    'fluorite-memory auto-learn --dry-run --sources sources.toml\nfluorite-memory auto-learn --sources sources.toml\nfluorite-memory auto-learn --commit --repository .\nfluorite-memory auto-learn --quiet || echo "失敗したものがあります"',
  'auto_learn.sources_file': '収集元を列挙した TOML ファイル（既定値: 設定の値）',
  'auto_learn.commit': 'リポジトリの learning-chunks/ だけをコミットする。プッシュはしない',
  'auto_learn.repository':
    'learning-chunks/ を書き出すフォルダー（既定値: 設定の値。なければ状態フォルダー）',
  'auto_learn.wait': 'ほかで実行中なら、終わるのを待つ',
  'auto_learn.dry_run': '何をするかを示すだけにする。何も取得せず、何も書かない',
  'auto_learn.resumed': '中断した実行の続きです。',
  'auto_learn.step_collect': '収集',
  'auto_learn.step_learn': '学習',
  'auto_learn.step_export': '書き出し',
  'auto_learn.step_train': '訓練',
  'auto_learn.step_commit': 'コミット',
  'auto_learn.done': '完了',
  'auto_learn.partial': '一部',
  'auto_learn.skipped': '省略',
  'auto_learn.failed': '失敗',
  'auto_learn.planned': '予定',
  'auto_learn.kind_folder': 'フォルダー',
  'auto_learn.kind_repository': 'リポジトリ',
  'auto_learn.kind_pages': 'ページ',
  'auto_learn.kind_feed': 'フィード',
  'auto_learn.learned': '{stored} チャンクを保存、{removed} を削除',
  'auto_learn.exported': '{chunks} チャンク（{path}）',
  'auto_learn.committed': '{files} ファイル（{commit}）',
  'auto_learn.sources': '収集元',
  'auto_learn.files': '{count} ファイル',
  'auto_learn.problems':
    '失敗したものがあります。ほかは済みました。上の原因を取り除いて、もう一度実行してください。',

  'schedule.description':
    'auto-learn の毎日の実行を、示す、設定する、または取り除く\nsystemd、cron、macOS では launchd のうち、あるものを使います。毎日の実行はユーザーごとに一つで、設定し直すと置き換わります。',
  'schedule.examples':
    'fluorite-memory schedule\nfluorite-memory schedule set --dry-run\nfluorite-memory schedule set --time 03:30\nfluorite-memory schedule set --kind cron\nfluorite-memory schedule remove',
  'schedule.show': '設定されている毎日の実行を示す',
  'schedule.set': 'この記憶と設定での毎日の実行を設定する',
  'schedule.remove': '毎日の実行を取り除く',
  'schedule.time': '時刻（現地時間。既定値: 設定の値。なければ 02:00）',
  'schedule.kind': '使うもの（既定値: すでに設定されているもの。なければ、あるもの）',
  'schedule.dry_run': 'ファイルとコマンドをすべて示すだけにする。何も書かず、何も実行しない',
  'schedule.every_day': '毎日 {time}（{kind}）',
  'schedule.switched_off': '{time}（{kind}）。ただし無効です。有効にするには: fluorite-memory schedule set',
  'schedule.unknown_time': '時刻不明',
  'schedule.none': '毎日の実行は設定されていません。設定するには: fluorite-memory schedule set',
  'schedule.would_hold': '{path} の内容:',
  'schedule.would_remove': '{path} を削除',
  'schedule.would_run': '実行するコマンド:',
  'schedule.nothing_to_do': '変更するものはありません。',
  'schedule.was_set': '設定しました。',
  'schedule.was_so': 'すでにそのように設定されています。',
  'schedule.removed': '毎日の実行を取り除きました。',
  'schedule.nothing_removed': '毎日の実行は設定されていませんでした。',
};
