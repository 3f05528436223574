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
};
