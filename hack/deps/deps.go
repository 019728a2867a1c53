package deps

import (
	_ "github.com/fsnotify/fsnotify"
	_ "github.com/golang-jwt/jwt/v5"
	_ "github.com/google/go-cmp/cmp"
	_ "github.com/gorilla/websocket"
	_ "github.com/pressly/goose/v3"
	_ "github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/santhosh-tekuri/jsonschema/v6"
	_ "github.com/spf13/cobra"
	_ "github.com/yuin/gopher-lua"
	_ "github.com/yuin/gopher-lua/ast"
	_ "github.com/yuin/gopher-lua/parse"
	_ "go.yaml.in/yaml/v3"
	_ "golang.org/x/crypto/argon2"
	_ "golang.org/x/sys/unix"
	_ "golang.org/x/term"
	_ "golang.org/x/time/rate"
	_ "golang.org/x/tools/txtar"
	_ "k8s.io/apimachinery/pkg/apis/meta/v1"
	_ "modernc.org/sqlite"
	_ "sigs.k8s.io/yaml"
)
