package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/overworld-gg/overworld/bots"
)

// twoMaps is a game of two maps, each a bundle of its own.
func twoMaps(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{"game.yaml": ""}
	for here, there := range map[string]string{"field": "cave", "cave": "field"} {
		files["game.yaml"] += fmt.Sprintf("---\napiVersion: overworld.dev/v1alpha1\nkind: GameMap\nmetadata: {name: %s}\nspec: {bundle: %s, neighbours: {left: %s}}\n", here, here, there)
		files[here+"/world.yaml"] = "components: {gold: {type: number, default: 0, of: [players], private: true}}\n" +
			"events: {go: {timeout: 0, of: [players], actions: {index: {public: true}}}}\nplayer: {at: [[3, 4]]}\n"
		files[here+"/events/go/index.lua"] = "object.components.gold = object.components.gold + 1\nobject.x = object.x + 10\nobject.map_id = map.sides.left\n"
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A player who changes maps is told where to go on, and arrives as they left.
func TestChangeOfMaps(t *testing.T) {
	g := run(t, t.TempDir(), twoMaps(t))
	_, k := post(t, g.url+"/server/signin/register", "login", "Ann", "password", "secret one")
	_, o := post(t, g.url+"/server/signin/register", "login", "Bob", "password", "secret one")
	world := func(c *client) packet {
		return c.wait("the world", func(p packet) bool { return p["action"] == "load/index" })
	}
	other := dial(t, o)
	first := world(other).entity("players", o.ID)["map_id"]
	c := dial(t, k)
	world(c)
	for trip := 1; trip <= 3; trip++ {
		c.send(`{"action":"go"}`)
		p := c.wait("the way", func(p packet) bool { return p["reconnect"] == true })
		if _, code := c.goodbye(); code != 4000 {
			t.Errorf("the old connection is closed with %d", code)
		}
		port, _ := p["port"].(float64)
		token, _ := p["token"].(string)
		if p["host"] != fmt.Sprintf("127.0.0.1:%d", int(port)) || p["id"] != float64(k.ID) {
			t.Errorf("the way is %v", p)
		}
		c = dial(t, ticket{ID: k.ID, Port: int(port), Token: token})
		me := world(c).entity("players", k.ID)
		if me["x"] != 3.0+10*float64(trip) || me["map_id"] != p["map"] {
			t.Errorf("after %d trips: %v", trip, me)
		}
		private := c.wait("what is private", func(p packet) bool {
			e := p.entity("players", k.ID)
			return p["action"] == nil && e != nil && e["components"] != nil
		})
		if gold := private.entity("players", k.ID)["components"].(map[string]any)["gold"]; gold != float64(trip) {
			t.Errorf("after %d trips there is %v gold", trip, gold)
		}
	}
	other.wait("Ann to leave", func(p packet) bool { return p.entity("players", k.ID)["action"] == "remove" })
	// Who signs in afterwards is sent to the map where they are.
	_, k = post(t, g.url+"/server/sign/auth/", "login", "Ann", "password", "secret one")
	if me := world(dial(t, k)).entity("players", k.ID); me["x"] != 33.0 || me["map_id"] == first {
		t.Errorf("signed in again: %v", me)
	}
}

// With a certificate all is https and wss.
func TestCertificate(t *testing.T) {
	cert, key, pool := certificate(t)
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	g := start(t, address, t.TempDir(), meadow, "--tls-cert", cert, "--tls-key", key)
	g.url = "https://" + address
	trust := &tls.Config{RootCAs: pool}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust}}
	g.await("to be ready", func() bool {
		answer, err := client.Get(g.url + "/readyz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	player, err := bots.NewClient(bots.Options{URL: g.url, InsecureTLS: true})
	if err != nil {
		t.Fatal(err)
	}
	k, err := player.Register(t.Context(), "Ann", "secret one")
	if err != nil {
		t.Fatal(err)
	}
	credentials := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%d:%s", k.ID, k.Token))
	dialer := websocket.Dialer{TLSClientConfig: trust}
	conn, _, err := dialer.Dial("wss://"+k.Host+"/?HTTP_AUTHORIZATION="+credentials, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, data, err := conn.ReadMessage(); err != nil || !strings.HasPrefix(string(data), `{"action":"load/index"`) {
		t.Errorf("the first frame is %.60s, %v", data, err)
	}
}

// certificate makes a certificate for this machine.
func certificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return cert, key, pool
}
