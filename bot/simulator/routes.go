package simulator

import (
	"net/http"
	"strings"
)

// routing tells the Bot API, downloads, the control API and the page apart.
func (s *Server) routing() http.Handler {
	control, web := s.control(), page()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/bot"):
			s.serveAPI(w, r)
		case strings.HasPrefix(r.URL.Path, "/file/bot"):
			s.serveFile(w, r)
		case strings.HasPrefix(r.URL.Path, "/simulator/"):
			control.ServeHTTP(w, r)
		case r.Method == http.MethodGet || r.Method == http.MethodHead:
			web.ServeHTTP(w, r)
		default:
			writeError(w, &apiError{Code: 404, Description: "Not Found"})
		}
	})
}
