// A TLS server and client on Go's standard library.
//
//	serve CHAIN KEY         answers every request with the page "small\n"
//	fetch ROOT PORT PATH    prints the page
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	switch os.Args[1] {
	case "serve":
		pair, err := tls.LoadX509KeyPair(os.Args[2], os.Args[3])
		check(err)
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		check(err)
		fmt.Printf("listening on %d\n", listener.Addr().(*net.TCPAddr).Port)
		page := func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "small\n") }
		config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}
		check(http.Serve(tls.NewListener(listener, config), http.HandlerFunc(page)))
	case "fetch":
		pem, err := os.ReadFile(os.Args[2])
		check(err)
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		config := &tls.Config{RootCAs: roots, ServerName: "localhost", MinVersion: tls.VersionTLS13}
		client := http.Client{Transport: &http.Transport{TLSClientConfig: config}}
		response, err := client.Get("https://127.0.0.1:" + os.Args[3] + os.Args[4])
		check(err)
		_, err = io.Copy(os.Stdout, response.Body)
		check(err)
	}
}
