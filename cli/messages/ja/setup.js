// @ts-check
'use strict';

module.exports = {
  'setup.description':
    'Node パッケージ、ネイティブアドオン、Python 環境、埋め込みモデルを準備する\n済んでいるものには触れないので、いつでも、失敗のあとの続きとしても実行できます。プロキシは HTTPS_PROXY とpip、npm の設定に従います。',
  'setup.examples':
    'fluorite-memory setup\nfluorite-memory setup --dry-run\nfluorite-memory setup --python /usr/bin/python3.12\nfluorite-memory setup --serve-only --venv /srv/fluorite/venv\nfluorite-memory setup --offline --wheels ./wheels',
  'setup.python':
    '使用する CPython（3.11 以上）（既定値: FLUORITE_PYTHON。なければ最初に見つかった適合するもの）',
  'setup.venv': '仮想環境のフォルダー（既定値: パッケージの .venv）',
  'setup.serve_only': '検索に必要なものだけを入れる。torch とモデルの書き出しは省く',
  'setup.with': 'リンター、型検査、テストの道具も入れる',
  'setup.offline': 'ネットワークを使わない（npm のキャッシュと、手元にある wheel だけを使う）',
  'setup.wheels': 'pip が使ってよい wheel のフォルダー',
  'setup.dry_run': 'ダウンロードし、作成するものを示すだけにする',
  'setup.node_packages': 'Node パッケージ',
  'setup.addon': 'ネイティブアドオン',
  'setup.environment': 'Python 環境',
  'setup.model': '埋め込みモデル',
  'setup.plan': 'ダウンロードするものを調べています',
  'setup.to_do': '{title}: これから作成',
  'setup.complete': '準備が完了しました（{time}）。',
  'setup.up_to_date': '準備は済んでいます（{time}）。',
  'setup.waiting': '別の準備（プロセス {pid}）が実行中です。終わるのを待っています。',

  'steps.started': '開始',
  'steps.up_to_date': '{title}: 最新',
  'steps.done': '完了（{time}）',
  'steps.failed': '失敗（{time}）',

  'node.too_old':
    'Node.js {version} は古すぎます。\n  必要: Node.js {required} 以上\n  対処: 新しい Node.js を入れ、このコマンドをもう一度実行してください',
  'node.packages_failed':
    'npm {command} が失敗しました（全ログ: {log}）:\n{output}\n  対処: 上の原因（多くはネットワークか npm のレジストリ設定）を取り除き、このコマンドをもう一度実行してください',
  'addon.compiling': 'コンパイル中 {done} / {total}',
  'addon.failed':
    'ネイティブアドオンをビルドできませんでした（全ログ: {log}）:\n{output}\n  必要: C++17 コンパイラー、make、Node.js のヘッダー\n  対処: {compiler}（または同等のもの）のあと、このコマンドをもう一度実行してください。\n        Node.js のヘッダーをダウンロードできない場合は、include/node を含むフォルダーを npm_config_nodedir に\n        指定してください',

  'interpreter.silent': '動かないか、Python 3.4 より古い',
  'interpreter.not_cpython': '{name}: CPython ではない',
  'interpreter.too_old': '{name}: 古すぎる',
  'interpreter.free_threaded': '{name}: フリースレッド版',
  'interpreter.no_library': '{name}: 共有ライブラリ libpython がない',
  'interpreter.no_venv': '{name}: venv モジュールがない',
  'interpreter.none_on_path': 'PATH に python3 がない',
  'interpreter.none':
    '適合する Python が見つかりません。\n  見つかったもの: {found}\n  必要: CPython {version} 以上（共有ライブラリ libpython と venv を含み、フリースレッド版でないもの）\n  対処: {install}\n        または指定する: FLUORITE_PYTHON=/path/to/python3',

  'python.looking_for_torch': 'torch の CPU 版を探しています',
  'python.planning': 'ダウンロードするものを調べています',
  'python.nothing_to_fetch': 'ダウンロードするものはありません。',
  'python.plan': 'ダウンロード: {count} パッケージ、最大 {size}（大きいもの: {largest}）',
  'python.plan_unknown': '{count} 個の大きさは不明です。',
  'python.creating': 'CPython {version} で環境を作成',
  'python.collecting': '{count} 個目のパッケージ {name}',
  'python.downloading': 'ダウンロード中 {file}、{size}',
  'python.installing': '{count} パッケージをインストール中',
  'python.foreign_environment':
    '{venv} はすでにあり、この準備が作ったものではありません。\n  対処: 削除するか、--venv で別のフォルダーを指定してください',
  'python.venv_failed':
    '{program} -m venv が失敗しました:\n{output}\n  対処: Python の venv モジュールを入れ（sudo apt install python3-venv）、このコマンドをもう一度実行してください',
  'python.cannot_serve':
    '{program} は使えません: {reason}\n  対処: {venv} を削除し、このコマンドをもう一度実行してください',
  'python.install_failed':
    'Python パッケージをインストールできませんでした（全ログ: {log}）:\n{output}\n  対処: 上の原因（多くはネットワーク）を取り除き、このコマンドをもう一度実行してください。\n        --python PATH で別の Python を、--wheels DIR で wheel のフォルダーを指定できます。\n        モデルを別の場所で書き出してあるなら、--serve-only で torch を省けます',
  'python.offline_failed':
    'Python パッケージをネットワークなしではインストールできませんでした（全ログ: {log}）:\n{output}\n  対処: ネットワークのある場所で wheel をフォルダーに集め（方法は docs/getting-started.md）、\n        --wheels DIR を付けてもう一度実行してください',
  'model.export_failed':
    '埋め込みモデルを書き出せませんでした（全ログ: {log}）:\n{output}\n  対処: 上の原因を取り除き、このコマンドをもう一度実行してください',

  'doctor.description':
    'インストールと記憶を点検する\n各行は「正常」か、問題とそれを直すコマンドを示します。',
  'doctor.examples':
    'fluorite-memory doctor\nfluorite-memory doctor --quiet || echo "問題があります"\nfluorite-memory doctor --json',
  'doctor.ok': '正常',
  'doctor.problem': '問題',
  'doctor.skipped_state': '省略',
  'doctor.name_node': 'Node.js',
  'doctor.name_addon': 'アドオン',
  'doctor.name_python': 'Python',
  'doctor.name_libpython': 'libpython',
  'doctor.name_packages': 'パッケージ',
  'doctor.name_permissions': '権限',
  'doctor.name_disk': 'ディスク',
  'doctor.name_model': 'モデル',
  'doctor.name_store': '保存領域',
  'doctor.name_index': '索引',
  'doctor.skipped': '{name} に問題があるため点検していません',
  'doctor.remedy': '対処: {remedy}',
  'doctor.node_old': 'Node.js {version} は古すぎます。{required} 以上が必要です',
  'doctor.install_node': 'Node.js {required} 以上を入れてください',
  'doctor.addon_missing': 'ビルドされていないか、別のソースからビルドされています',
  'doctor.no_library': '{program} に共有ライブラリ libpython がありません',
  'doctor.packages_fit': 'すべて適合するバージョンで入っています',
  'doctor.packages_missing': '不足、またはバージョン違い: {names}',
  'doctor.writable': '{path} に書き込めます',
  'doctor.not_writable': '{path} を読み書きできません',
  'doctor.free': '空き {free}（{path}）',
  'doctor.make_room': '空きを作ってください（少なくとも {least}）',
  'doctor.model': '{name}: 一つのテキストを {count} 個の数に変換（読み込みを含めて {time}）',
  'doctor.store': '{chunks} チャンク、{size}',
  'doctor.no_memory': '{path} に記憶はまだありません。最初の learn か store で作られます',
  'doctor.index_level': '保存したものをすべて含んでいます',
  'doctor.index_behind': '背景で作成中です（残り {count} 件）',
  'doctor.problems': '問題が {count} 件あります',
  'doctor.all_well': 'すべて正常です。',
};
