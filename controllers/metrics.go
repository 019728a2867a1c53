package controllers

import (
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

// What the operator counts beside what controller-runtime does.
var (
	polls = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "overworld_operator_polls_total", Help: "How often map servers were asked how they are, by result: ok or failed.",
	}, []string{"result"})
	reportingMaps = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "overworld_operator_reporting_maps", Help: "Map servers that tell how they are.",
	})
	waitingWrites = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "overworld_operator_waiting_writes", Help: "Maps whose status waits to be written.",
	})
)

func init() { metrics.Registry.MustRegister(polls, reportingMaps, waitingWrites) }
