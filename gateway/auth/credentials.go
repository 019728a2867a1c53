package auth

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What logins and passwords may be, in characters.
const (
	minLogin    = 3
	maxLogin    = 32
	minPassword = 6
	maxPassword = 200
)

// credentials takes the login and the password out of f and checks that they are
// such as registration accepts.
func credentials(f form) (login, password string, err error) {
	login, password = f["login"], f["password"]
	if err := checkLogin(login); err != nil {
		return "", "", err
	}
	if err := checkPassword(password); err != nil {
		return "", "", err
	}
	return login, password, nil
}

func checkLogin(login string) error {
	n := utf8.RuneCountInString(login)
	switch {
	case n == 0:
		return refuse(http.StatusBadRequest, "login is missing: send the form fields login and password")
	case n < minLogin || n > maxLogin:
		return refuse(http.StatusBadRequest, "login must have %d to %d characters, it has %d", minLogin, maxLogin, n)
	}
	for _, r := range login {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-", r) {
			return refuse(http.StatusBadRequest, "login may have letters, digits and . _ - only, it has %q", r)
		}
	}
	return nil
}

func checkPassword(password string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case n == 0:
		return refuse(http.StatusBadRequest, "password is missing: send the form fields login and password")
	case n < minPassword || n > maxPassword:
		return refuse(http.StatusBadRequest, "password must have %d to %d characters, it has %d", minPassword, maxPassword, n)
	}
	return nil
}
