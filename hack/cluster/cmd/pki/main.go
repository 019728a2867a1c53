// Command pki writes the certificates and the kubeconfigs of a one-node cluster.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

func main() {
	log.SetFlags(0)
	dir := flag.String("dir", "", "`DIR` to write to")
	node := flag.String("node", "node1", "`NAME` of the node")
	ip := flag.String("ip", "", "`ADDRESS` of the node")
	service := flag.String("service-ip", "10.96.0.1", "`ADDRESS` of the Service kubernetes")
	flag.Parse()
	if err := run(*dir, *node, net.ParseIP(*ip), net.ParseIP(*service)); err != nil {
		log.Fatal("pki: ", err)
	}
}

func run(dir, node string, ip, service net.IP) error {
	if dir == "" || ip == nil || service == nil {
		return errors.New("-dir, -ip and -service-ip must be given")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ca, err := newAuthority(dir, "ca")
	if err != nil {
		return err
	}
	front, err := newAuthority(dir, "front-proxy-ca")
	if err != nil {
		return err
	}
	local := net.IPv4(127, 0, 0, 1)
	serving := template("kube-apiserver")
	serving.DNSNames = []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost", node}
	serving.IPAddresses = []net.IP{service, ip, local}
	kubelet := template("system:node:"+node, "system:nodes")
	kubelet.DNSNames, kubelet.IPAddresses = []string{node}, []net.IP{ip, local}
	server := "https://" + net.JoinHostPort(ip.String(), "6443")
	return errors.Join(
		ca.issue("apiserver", serving),
		ca.issue("apiserver-kubelet-client", template("kube-apiserver-kubelet-client", "system:masters")),
		ca.issue("kubelet-serving", kubelet),
		front.issue("front-proxy-client", template("front-proxy-client")),
		serviceAccountKey(dir),
		ca.kubeconfig("admin", server, "admin", "system:masters"),
		ca.kubeconfig("controller-manager", server, "system:kube-controller-manager"),
		ca.kubeconfig("scheduler", server, "system:kube-scheduler"),
		ca.kubeconfig("proxy", server, "system:kube-proxy"),
		ca.kubeconfig("kubelet", server, "system:node:"+node, "system:nodes"),
	)
}

// authority signs certificates and writes them to a folder.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func template(name string, organisations ...string) *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: name, Organization: organisations},
		NotBefore:   time.Now().Add(-time.Hour),
		NotAfter:    time.Now().AddDate(10, 0, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
}

func newAuthority(dir, name string) (*authority, error) {
	t := template(name)
	t.IsCA, t.BasicConstraintsValid = true, true
	t.KeyUsage |= x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	t.ExtKeyUsage = nil
	a := &authority{dir: dir, cert: t}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	der, err := a.sign(t, a.key)
	if err != nil {
		return nil, err
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	a.pem = encode("CERTIFICATE", der)
	key, err := encodeKey(a.key)
	return a, errors.Join(err, write(dir, name+".crt", a.pem), write(dir, name+".key", key))
}

func (a *authority) sign(t *x509.Certificate, key *ecdsa.PrivateKey) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	t.SerialNumber = serial
	return x509.CreateCertificate(rand.Reader, t, a.cert, key.Public(), a.key)
}

// pair makes a certificate and its key, as PEM.
func (a *authority) pair(t *x509.Certificate) (cert, key []byte, err error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := a.sign(t, k)
	if err != nil {
		return nil, nil, err
	}
	key, err = encodeKey(k)
	return encode("CERTIFICATE", der), key, err
}

func (a *authority) issue(file string, t *x509.Certificate) error {
	cert, key, err := a.pair(t)
	return errors.Join(err, write(a.dir, file+".crt", cert), write(a.dir, file+".key", key))
}

func (a *authority) kubeconfig(file, server, user string, organisations ...string) error {
	cert, key, err := a.pair(template(user, organisations...))
	if err != nil {
		return err
	}
	b64 := base64.StdEncoding.EncodeToString
	return write(a.dir, file+".kubeconfig", fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: overworld
contexts: [{name: overworld, context: {cluster: overworld, user: %[3]q}}]
clusters: [{name: overworld, cluster: {server: %[1]q, certificate-authority-data: %[2]s}}]
users: [{name: %[3]q, user: {client-certificate-data: %[4]s, client-key-data: %[5]s}}]
`, server, b64(a.pem), user, b64(cert), b64(key)))
}

// serviceAccountKey writes the key that service accounts' tokens are signed with.
func serviceAccountKey(dir string) error {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	key, err := encodeKey(k)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(k.Public())
	return errors.Join(err, write(dir, "sa.key", key), write(dir, "sa.pub", encode("PUBLIC KEY", public)))
}

func encodeKey(k *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(k)
	return encode("EC PRIVATE KEY", der), err
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func write(dir, name string, data []byte) error {
	return os.WriteFile(filepath.Join(dir, name), data, 0o600)
}
