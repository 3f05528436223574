// @ts-check
'use strict';

const SETUP = 'fluorite-memory setup を実行してください。状態は fluorite-memory doctor で確かめられます。';
const REPORT = 'このパッケージの不具合です。上の内容を添えて報告してください。';

/**
 * What the engine's error codes mean, and what to do. Only the Japanese frame needs it: the engine's own
 * messages are English and name the remedy.
 * @type {Record<string, {meaning: string, remedy: string}>}
 */
module.exports = {
  NOT_INITIALIZED: { meaning: '記憶が開かれていません。', remedy: REPORT },
  ALREADY_INITIALIZED: { meaning: '記憶はすでに開かれています。', remedy: REPORT },
  CLOSED: { meaning: '記憶は閉じられました。', remedy: 'もう一度実行してください。' },
  INVALID_ARGUMENT: {
    meaning: '値の型、範囲、または形式が正しくありません。',
    remedy: '上に示した値を直してください。使い方は --help で確かめられます。',
  },
  UNKNOWN_OPTION: {
    meaning: 'その名前のオプションや項目はありません。',
    remedy: '名前のつづりを確かめてください。',
  },
  DIMENSION_MISMATCH: {
    meaning: 'ベクトルの長さが違います。',
    remedy: '記憶のモデルに合う長さのベクトルを渡してください。',
  },
  NOT_FINITE: {
    meaning: 'ベクトルに NaN や無限大があるか、すべて 0 です。',
    remedy: 'ベクトルの作り方を確かめてください。',
  },
  CHUNK_TOO_LARGE: {
    meaning: '内容が max_chunk_size を超えています。',
    remedy: '内容を分けるか、設定の [memory] max_chunk_size を大きくしてください。',
  },
  INVALID_CONFIGURATION: {
    meaning: '設定ファイルに誤りがあります。',
    remedy: '上に示したファイルの箇所を直してください。',
  },
  PATH_NOT_FOUND: {
    meaning: 'ファイルまたはフォルダーが見つかりません。',
    remedy: 'パスを確かめてください。',
  },
  STORE_ERROR: {
    meaning: 'ディスクまたは OS が操作を受け付けませんでした。',
    remedy: '空き容量と権限を確かめてください: fluorite-memory doctor',
  },
  STORE_DAMAGED: {
    meaning: '記憶のファイルが壊れています。',
    remedy: 'fluorite-memory verify で調べ、fluorite-memory repair で直してください。',
  },
  ML_DISABLED: {
    meaning: 'この操作にはモデルが必要ですが、enable_ml が false です。',
    remedy: '--no-model や設定の [ml] enable_ml = false を外してください。',
  },
  MODEL_NOT_FOUND: { meaning: '埋め込みモデルが見つかりません。', remedy: SETUP },
  MODEL_DAMAGED: { meaning: '埋め込みモデルのファイルが壊れています。', remedy: SETUP },
  EXPORT_UNAVAILABLE: {
    meaning: 'モデルの書き出しに必要な PyTorch が入っていません。',
    remedy: '--serve-only を付けずに fluorite-memory setup を実行してください。',
  },
  ADDON_NOT_BUILT: { meaning: 'ネイティブアドオンがビルドされていません。', remedy: SETUP },
  PYTHON_NOT_FOUND: { meaning: 'Python が見つかりません。', remedy: SETUP },
  PYTHON_UNSUPPORTED: {
    meaning: 'この Python は使えません。',
    remedy: 'CPython 3.11 以上を入れ、fluorite-memory setup を実行してください。',
  },
  LIBPYTHON_NOT_FOUND: {
    meaning: 'Python の共有ライブラリ libpython が見つかりません。',
    remedy: '共有ライブラリを含む Python を入れ、fluorite-memory setup を実行してください。',
  },
  PYTHON_PACKAGE_MISSING: { meaning: 'Python パッケージが足りません。', remedy: SETUP },
  PYTHON_START_FAILED: { meaning: 'Python を起動できませんでした。', remedy: SETUP },
  PYTHON_CONFLICT: {
    meaning: 'このプロセスでは別の Python がすでに動いています。',
    remedy: 'FLUORITE_PYTHON を一つに揃えてください。',
  },
  RUN_IN_PROGRESS: {
    meaning: '別の自動学習が実行中です。',
    remedy: '終わるのを待つか、--wait を付けてください。',
  },
  SCHEDULER_ERROR: {
    meaning: 'スケジューラー（cron、systemd、launchd）がないか、設定を受け付けませんでした。',
    remedy: '--kind で別のスケジューラーを指定してください。',
  },
  CANCELLED: { meaning: '中断されました。', remedy: '必要なら、もう一度実行してください。' },
  NOT_CONNECTED: { meaning: '内部エラーです。', remedy: REPORT },
  JOB_NOT_ACCEPTED: { meaning: '内部エラーです。', remedy: REPORT },
  JOB_DROPPED: { meaning: '内部エラーです。', remedy: REPORT },
  INTERNAL: { meaning: '内部エラーです。', remedy: REPORT },
};
