// @ts-check
'use strict';

module.exports = {
  'auto-learn.description':
    '自動で学習する（収集、学習、学習チャンクの書き出し、訓練）\n失敗した出どころや段階は報告し、ほかは続けます。中断した実行は、次の実行が引き継ぎます。',
  'auto-learn.examples':
    'fluorite-memory auto-learn --dry-run\nfluorite-memory auto-learn --sources ./sources.toml\nfluorite-memory auto-learn --commit --repository ../fluorite-mcp',
  'auto_learn.sources': '収集元を並べた TOML ファイル（既定値: 設定の sources_path）',
  'auto_learn.repository': 'learning-chunks/ を書くフォルダー（既定値: 設定の値）',
  'auto_learn.commit': 'そこで learning-chunks/ だけをコミットする。プッシュはしない',
  'auto_learn.wait': '別の実行があれば終わるのを待つ',
  'auto_learn.dry_run': 'することを示すだけにする',
  'auto_learn.resumed': '中断した実行を続けます。',
  'auto_learn.files': '{count} ファイル、{size}',
  'auto_learn.done': '完了',
  'auto_learn.skipped': '省略',
  'auto_learn.failed': '失敗',
  'auto_learn.partial': '一部',
  'auto_learn.planned': '予定',
  'auto_learn.step_collect': '収集',
  'auto_learn.step_learn': '学習',
  'auto_learn.step_export': '学習チャンクの書き出し',
  'auto_learn.step_train': '訓練',
  'auto_learn.step_commit': 'コミット',
  'auto_learn.some_failed': '失敗した段階があります。',

  'schedule.description': '自動学習の毎日の実行を示す、設定する、または取り除く',
  'schedule.examples':
    'fluorite-memory schedule\nfluorite-memory schedule set --time 03:30\nfluorite-memory schedule set --kind cron --dry-run\nfluorite-memory schedule remove',
  'schedule.set': '設定または変更する。繰り返しても害はない',
  'schedule.remove': '取り除く',
  'schedule.time': '時刻（現地時間。既定値: 設定の値、なければ 02:00）',
  'schedule.kind': '使うスケジューラー（既定値: そこにあるもの）',
  'schedule.dry_run': '書き込み、実行するものを示すだけにする',
  'schedule.none': '毎日の実行は設定されていません。',
  'schedule.daily': '毎日 {time}（{kind}）: {command}',
  'schedule.dry': '試行のため、何も書き込まず、実行もしていません。',
};
