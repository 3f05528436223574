// @ts-check
'use strict';

module.exports = {
  'feedback.description':
    'チャンクが良い答えだったかどうかを伝える\n似た検索では、限られた範囲で上または下に並ぶようになります。修正は独立したチャンクになります。検索の文は記憶には残りません。',
  'feedback.examples':
    'fluorite-memory feedback hono-jwt-auth-api --good\nfluorite-memory feedback hono-jwt-auth-api --bad --query "refresh token"\nfluorite-memory feedback hono-jwt-auth-api --correction fixed.ts --query "JWT 認証"\nfluorite-memory feedback --list\nfluorite-memory feedback --undo FEEDBACK_ID',
  'feedback.id': 'チャンクの ID',
  'feedback.good': 'ちょうど良かった',
  'feedback.bad': '役に立たなかった',
  'feedback.rating': 'どれだけ良かったか（0 から 1）',
  'feedback.correction': 'あるべきコードのファイル。- は標準入力',
  'feedback.query': '検索した文（既定値: 履歴の中で、これを見つけた最も新しい検索）',
  'feedback.type': '何についてのフィードバックか',
  'feedback.list': '保存されているものを新しい順に示す',
  'feedback.undo': 'フィードバックを、その効果とともに取り消す',
  'feedback.what':
    'どれか一つを指定してください: ID と --good、--bad、--rating、--correction、または --list、または --undo FEEDBACK_ID',
  'feedback.no_query': '{id} を見つけた検索が履歴にありません。指定してください: --query "検索した文"',
  'feedback.kept': '{id} として保存しました（検索: {query}）',
  'feedback.corrected': '修正はチャンク {id} です。',
  'feedback.none': 'フィードバックはありません。',
  'feedback.undone': '取り消しました。',
  'feedback.not_there': 'フィードバック {id} はありません。',

  'serve.description':
    'Model Context Protocol で、アシスタントに記憶を提供する\n標準入力と標準出力で通信します。fluorite-memory mcp install がアシスタントの設定に書き込みます。',
  'serve.examples': 'fluorite-memory serve --mcp\nfluorite-memory serve --mcp --memory ./memory',
  'serve.mcp': '使うプロトコル',
  'serve.no_protocol': 'プロトコルを指定してください: fluorite-memory serve --mcp',

  'mcp.description':
    'アシスタントの設定にサーバーを書き込む\n記憶は --memory のもの、なければここで有効な設定のものになります。',
  'mcp.examples':
    'fluorite-memory mcp install --dry-run\nfluorite-memory mcp install claude-code cursor\nfluorite-memory mcp install --project . --yes\nfluorite-memory mcp list\nfluorite-memory mcp entry',
  'mcp.install':
    'アシスタントの設定の変更点を示し、確認のうえ書き込む。ほかの項目、コメント、書式はそのまま残る',
  'mcp.list': '対応しているアシスタントと、このマシンにあるかどうかを示す',
  'mcp.found': 'あり',
  'mcp.entry': 'ほかのアシスタントのための設定項目を出力する',
  'mcp.clients': 'アシスタント（既定値: このマシンにあるもの）',
  'mcp.project': 'ユーザーの設定ではなく、チームで共有するこのプロジェクトの設定を書く',
  'mcp.name': '項目の名前（既定値: fluorite-memory）',
  'mcp.yes': '確認せずに書き込む',
  'mcp.dry_run': '示すだけにする',
  'mcp.unchanged': '最新です',
  'mcp.write': '書き込みますか?',
  'mcp.written': '書き込みました。',
  'mcp.not_written': '何も書き込んでいません。',
  'mcp.nobody':
    '確認する相手がいないため、何も書き込んでいません。書き込むには --yes を、見るだけなら --dry-run を付けてください。',
  'mcp.backup': '元のファイル: {path}',
};
