package gateway

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/overworld-gg/overworld/gateway/store"
)

// metrics are what the gateway counts.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMetrics(db *store.Store) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "overworld_gateway_request_seconds", Help: "Time to answer, by who asks (players or maps) and the HTTP status.",
		Buckets: []float64{.005, .02, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"who", "code"})
	up := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "overworld_gateway_database_up", Help: "1 if the database answers.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), pingTimeout)
		defer cancel()
		if db.Ping(ctx) != nil {
			return 0
		}
		return 1
	})
	m.registry.MustRegister(m.requests, up)
	return m
}

// pingTimeout is how long the database may take to say that it is there: less than
// the second that a probe of Kubernetes waits.
const pingTimeout = 500 * time.Millisecond

// count measures the answers of a handler.
func (m *metrics) count(who string, next http.Handler) http.Handler {
	return promhttp.InstrumentHandlerDuration(m.requests.MustCurryWith(prometheus.Labels{"who": who}), next)
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
