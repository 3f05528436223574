// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { run, runChild, temporaryFolder } = require('./support.js');

const glibc =
  process.platform === 'linux' && /** @type {any} */ (process.report.getReport()).header.glibcVersionRuntime;
const needsGlibc = glibc ? false : 'needs Linux with glibc';

test('no socket is opened after set-up', { skip: needsGlibc }, async (t) => {
  const folder = temporaryFolder(t);
  const refuse = path.join(folder, 'refuse.so');
  await run('cc', ['-shared', '-fPIC', '-o', refuse, path.join(__dirname, 'children', 'refuse_sockets.c')]);
  const log = path.join(folder, 'sockets.log');
  const env = { LD_PRELOAD: refuse, REFUSED_SOCKETS: log };
  const proof = await runChild('connects.js', [], { env });
  assert.match(proof.stdout, /refused/, 'the refusal itself does not work');
  assert.match(fs.readFileSync(log, 'utf8'), /refused/);
  fs.rmSync(log);
  const child = await runChild('speaks.js', [folder], { env });
  assert.equal(child.code, 0, child.stderr);
  assert.equal(fs.existsSync(log), false, 'a socket was asked for');
});

test("Python's OpenSSL modules bind nothing to node's own OpenSSL", { skip: needsGlibc }, async (t) => {
  const folder = temporaryFolder(t);
  const env = { LD_DEBUG: 'bindings', LD_DEBUG_OUTPUT: path.join(folder, 'bindings'), LD_BIND_NOW: '1' };
  const child = await runChild('hashes.js', [folder], { env });
  assert.equal(child.code, 0, child.stderr);
  assert.equal(child.stdout.trim(), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  const lines = fs
    .readdirSync(folder)
    .filter((name) => name.startsWith('bindings'))
    .flatMap((name) => fs.readFileSync(path.join(folder, name), 'utf8').split('\n'));
  const openssl = lines.filter((line) => /binding file \S*(_ssl|_hashlib|libssl|libcrypto)\S* /.test(line));
  assert.ok(openssl.length > 100, `only ${openssl.length} bindings of OpenSSL modules were seen`);
  const symbols = /symbol `(SSL_|EVP_|CRYPTO_|OPENSSL_|ERR_|BIO_|X509_|HMAC|RSA_|EC_|ASN1_|OBJ_|PEM_)/;
  const wrong = openssl.filter((line) => line.includes(` to ${process.execPath} `) && symbols.test(line));
  assert.deepEqual(wrong.slice(0, 3), []);
});

for (const minor of [11, 12, 13]) {
  const python = path.join(__dirname, '..', '.fluorite', `serving-3.${minor}`, 'bin', 'python3');
  const skip = fs.existsSync(python)
    ? false
    : `no environment without torch for CPython 3.${minor} on this machine`;
  test(`CPython 3.${minor} serves everything without torch`, { skip }, async (t) => {
    const child = await runChild('speaks.js', [temporaryFolder(t)], { env: { FLUORITE_PYTHON: python } });
    assert.equal(child.code, 0, child.stderr);
    const loaded = await runChild('modules.js', [temporaryFolder(t), 'true'], {
      env: { FLUORITE_PYTHON: python },
    });
    assert.equal(loaded.code, 0, loaded.stderr);
    const { version, modules } = JSON.parse(loaded.stdout);
    assert.equal(version, `3.${minor}`);
    assert.ok(
      modules.includes('onnxruntime') && !modules.includes('torch') && !modules.includes('transformers'),
    );
  });
}

test('without machine learning no machine-learning library is imported', async (t) => {
  const child = await runChild('modules.js', [temporaryFolder(t), 'false']);
  assert.equal(child.code, 0, child.stderr);
  const { modules } = JSON.parse(child.stdout);
  assert.ok(modules.includes('fluorite.engine'));
  for (const name of [
    'onnxruntime',
    'tokenizers',
    'torch',
    'transformers',
    'sentence_transformers',
    'sklearn',
  ]) {
    assert.ok(!modules.includes(name), `${name} was imported`);
  }
});
