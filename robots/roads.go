package robots

import (
	"byskriver/robots/fleksloen"
	"byskriver/robots/invoice"
	"byskriver/robots/invoice/grants"
	"byskriver/runner/config"
)

// Roads are other roads than a browser to the systems that are worked in through
// their screens. One that is nil leads through the browser. close ends what was begun.
type Roads struct {
	OPUS     func(c *config.Config) (portal invoice.Portal, close func() error, err error)
	Benefits func(c *config.Config) (system fleksloen.Benefits, close func() error, err error)
	Sensum   func(c *config.Config) (system grants.Road, close func() error, err error)
}

// openPortal opens the invoice robot's road to the portal.
func (r Roads) openPortal(c *config.Config, drift Drift) (invoice.Portal, func() error, error) {
	if r.OPUS != nil {
		return r.OPUS(c)
	}
	portal, done, err := openOPUS(c, drift)
	if err != nil {
		return nil, nil, err
	}
	return invoice.InOPUS(portal), done, nil
}

// openCases opens the robot's road to the benefit system.
func (r Roads) openCases(c *config.Config, drift Drift) (fleksloen.Benefits, func() error, error) {
	if r.Benefits != nil {
		return r.Benefits(c)
	}
	return openBenefits(c, drift)
}

// openGranted opens the invoice robot's road to the case system.
func (r Roads) openGranted(c *config.Config, drift Drift) (grants.Cases, func() error, error) {
	if r.Sensum != nil {
		road, done, err := r.Sensum(c)
		return grants.By(road), done, err
	}
	system, done, err := openSensum(c, drift)
	if err != nil {
		return nil, nil, err
	}
	return grants.InSensum(system), done, nil
}
