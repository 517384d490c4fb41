// An HTTPS server for the folder argv[3]; argv[1] and [2] are its chain and key. With "echo" for a
// folder it reads until the client's end, and only then sends everything back.
const fs = require('fs'), https = require('https'), path = require('path'), tls = require('tls');
const [, chain, key, what] = process.argv;
const options = { cert: fs.readFileSync(chain), key: fs.readFileSync(key), minVersion: 'TLSv1.3' };

const server = what === 'echo'
  ? tls.createServer({ ...options, allowHalfOpen: true }, (stream) => {
      const got = [];
      stream.on('data', (piece) => got.push(piece)).on('end', () => stream.end(Buffer.concat(got)));
    })
  : https.createServer(options, (request, response) => {
      const file = path.join(what, path.basename(request.url));
      response.setHeader('Content-Length', fs.statSync(file).size);
      fs.createReadStream(file).pipe(response);
    });
server.listen(0, '127.0.0.1', () => console.log('listening on', server.address().port));
