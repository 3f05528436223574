// Tries to open a socket, to prove that the test would notice one.
require('node:net')
  .connect(9, '127.0.0.1')
  .on('error', (error) => console.log(error.code === 'EACCES' ? 'refused' : error.code));
