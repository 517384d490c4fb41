// Go's crypto/tls with its defaults. Arguments: jobs, identity.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"time"
)

func attempt(role, host, port, store, identity string) error {
	pem, err := os.ReadFile(store)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	plain, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	defer plain.Close()
	plain.SetDeadline(time.Now().Add(20 * time.Second))
	if role == "server" {
		return tls.Client(plain, &tls.Config{ServerName: host, RootCAs: pool}).Handshake()
	}
	own, err := tls.LoadX509KeyPair(identity+".pem", identity+".key")
	if err != nil {
		return err
	}
	return tls.Server(plain, &tls.Config{
		Certificates: []tls.Certificate{own},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    pool,
	}).Handshake()
}

func main() {
	jobs, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	fmt.Printf("version\t%s\n", strings.TrimPrefix(runtime.Version(), "go"))
	lines := bufio.NewScanner(jobs)
	for lines.Scan() {
		job := strings.Split(lines.Text(), "\t")
		if err := attempt(job[1], job[2], job[3], job[4], os.Args[2]); err != nil {
			fmt.Printf("%s\t0\t%s\n", job[0], strings.Join(strings.Fields(err.Error()), " "))
		} else {
			fmt.Printf("%s\t1\t\n", job[0])
		}
	}
}
