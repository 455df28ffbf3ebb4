package snowflake

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/youmark/pkcs8"
)

// parseKey reads the private key of a key pair: PKCS #8 in PEM, or the base64 in it alone; encrypted where there is a passphrase.
func parseKey(text, passphrase string) (*rsa.PrivateKey, error) {
	der, err := decodeKey(text)
	if err != nil {
		return nil, err
	}
	var secret []byte
	if passphrase != "" {
		secret = []byte(passphrase)
	}
	key, err := pkcs8.ParsePKCS8PrivateKeyRSA(der, secret)
	if err != nil {
		return nil, fmt.Errorf("is it an RSA key in PKCS #8, and does `private_key_passphrase` belong to it? %w", err)
	}
	return key, nil
}

func decodeKey(text string) ([]byte, error) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes, nil
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, errors.New("it is neither PEM nor base64")
	}
	return der, nil
}
