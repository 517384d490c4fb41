// Node's tls with its defaults. Arguments: jobs, identity.
'use strict';
const fs = require('fs');
const net = require('net');
const tls = require('tls');

const [jobs, identity] = process.argv.slice(2);

function asClient(host, port, ca) {
  return new Promise((resolve, reject) => {
    const plain = net.connect(port, '127.0.0.1');
    const options = { socket: plain, host, ca, rejectUnauthorized: true };
    if (!net.isIP(host)) options.servername = host;
    const socket = tls.connect(options);
    socket.setTimeout(20000, () => socket.destroy(new Error('timeout')));
    socket.on('secureConnect', () => { resolve(); socket.destroy(); });
    socket.on('error', reject);
  });
}

function asServer(port, ca) {
  return new Promise((resolve, reject) => {
    const server = tls.createServer({
      key: fs.readFileSync(identity + '.key'),
      cert: fs.readFileSync(identity + '.pem'),
      ca,
      requestCert: true,
      rejectUnauthorized: false,
    });
    server.on('secureConnection', (socket) => {
      socket.on('error', () => {});
      socket.authorized ? resolve() : reject(new Error(socket.authorizationError));
      socket.destroy();
    });
    server.on('tlsClientError', reject);
    server.emit('connection', net.connect(port, '127.0.0.1'));
  });
}

(async () => {
  console.log(`version\t${process.versions.node} (OpenSSL ${process.versions.openssl})`);
  for (const line of fs.readFileSync(jobs, 'utf8').split('\n').filter(Boolean)) {
    const [name, role, host, port, store] = line.split('\t');
    try {
      const ca = fs.readFileSync(store);
      await (role === 'client' ? asServer(+port, ca) : asClient(host, +port, ca));
      console.log(`${name}\t1\t`);
    } catch (error) {
      console.log(`${name}\t0\t${String(error.message).replace(/\s+/g, ' ')}${error.code ? ' [' + error.code + ']' : ''}`);
    }
  }
  process.exit(0);
})();
