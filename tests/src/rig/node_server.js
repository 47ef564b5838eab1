// A TLS server with the options of its first argument, as JSON; in the JavaScript of 2013.
var fs = require('fs');
var tls = require('tls');
var options = JSON.parse(process.argv[2]);
options.key = fs.readFileSync(options.keyFile);
options.cert = fs.readFileSync(options.certFile);
var server = tls.createServer(options, function (socket) {
    socket.on('error', function () {});
    socket.end('HTTP/1.0 200 OK\r\n\r\n');
});
server.on('clientError', function () {});
server.on('tlsClientError', function () {});
server.listen(options.port, '127.0.0.1');
