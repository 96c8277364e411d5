"""The operators' console at /console: pages of plain HTML that a person reads, and a few acts.

Where it stands in the walk: beside it. `routes` is the door (who, which language, which answer to an error);
each page is one file, a function of a `Visit`; every fact comes from a query of `billing_center` and every act
is a use case of it. `markup` builds the HTML and escapes what is not HTML yet. Nothing comes from elsewhere,
and everything works without JavaScript.
"""
