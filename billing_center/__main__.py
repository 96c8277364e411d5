"""`python -m billing_center` is `billing-center`."""

from billing_center.cli.main import main

main()
