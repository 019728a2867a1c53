package auth

import (
	"net/http"
	"time"
)

// maxBody bounds the body of a request: names, passwords and tokens are short.
const maxBody = 64 << 10

// endpoint answers a POST with a form: with what to encode as JSON, or with why not.
type endpoint func(h *Handler, r *http.Request, f form) (any, error)

// routes registers every path that a client of any generation asks for. The
// prefixes changed with the versions of the clients; all of them stay served.
func (h *Handler) routes() {
	for _, prefix := range []string{"/server/sign/", "/server/signin/", "/game/sign/", "/game/signin/"} {
		h.post(prefix+"auth", (*Handler).signIn, failedSignIn)
		h.post(prefix+"register", (*Handler).register, failedSignIn)
		h.post(prefix+"resume", (*Handler).resume, failedSignIn)
		h.post(prefix+"get_map", (*Handler).getMap, failedGetMap)
	}
	for _, prefix := range []string{"/server/", "/game/"} {
		// The spelling is that of the clients.
		h.mux.HandleFunc(prefix+"api/log_perfomance/{map}", h.performance)
		h.mux.HandleFunc(prefix+"api/log_perfomance/{map}/{$}", h.performance)
		h.mux.HandleFunc(prefix, unknownPath)
	}
}

// post serves path with and without a slash at its end.
func (h *Handler) post(path string, answer endpoint, failed func(string) any) {
	serve := func(w http.ResponseWriter, r *http.Request) {
		allowAnyOrigin(w.Header(), http.MethodPost)
		switch r.Method {
		case http.MethodOptions:
			w.WriteHeader(http.StatusNoContent)
			return
		case http.MethodPost:
		default:
			w.Header().Set("Allow", "POST, OPTIONS")
			h.fail(w, r, failed, refuse(http.StatusMethodNotAllowed,
				"this address takes POST requests with form fields only, not %s", r.Method))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		f, err := decodeForm(r)
		if err != nil {
			h.fail(w, r, failed, err)
			return
		}
		reply, err := answer(h, r, f)
		if err != nil {
			h.fail(w, r, failed, err)
			return
		}
		writeJSON(w, http.StatusOK, reply)
	}
	h.mux.HandleFunc(path, serve)
	h.mux.HandleFunc(path+"/{$}", serve)
}

// allowAnyOrigin lets pages of other hosts read the answer: games live on their
// own sites. No cookie is involved, so nothing is given away by it.
func allowAnyOrigin(header http.Header, method string) {
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Access-Control-Allow-Methods", method+", OPTIONS")
	header.Set("Access-Control-Allow-Headers", "Accept, Content-Type, X-Requested-With")
	header.Set("Access-Control-Expose-Headers", "Retry-After")
	header.Set("Access-Control-Max-Age", seconds(24*time.Hour))
}

func unknownPath(w http.ResponseWriter, r *http.Request) {
	allowAnyOrigin(w.Header(), http.MethodPost)
	writeJSON(w, http.StatusNotFound, failedSignIn(
		"there is nothing at "+r.URL.Path+": players sign in at /server/signin/auth, register at /server/signin/register "+
			"and get maps at /server/signin/get_map"))
}
