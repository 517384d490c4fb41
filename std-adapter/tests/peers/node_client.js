// Fetches https://localhost:argv[2]/argv[3], trusting argv[1] alone; the body goes to standard output.
const fs = require('fs'), https = require('https');
const [, root, port, path] = process.argv;
const options = { host: '127.0.0.1', servername: 'localhost', port, path: '/' + path, ca: fs.readFileSync(root), minVersion: 'TLSv1.3' };
https.get(options, (response) => {
  if (response.statusCode !== 200) throw new Error('status ' + response.statusCode);
  response.pipe(process.stdout);
}).on('error', (error) => { console.error(error); process.exitCode = 1; });
