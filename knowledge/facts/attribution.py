"""Who published a price: the name a reader knows, with its licence where attribution is due."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

# Longest matching prefix of host + path wins. NOTICE says the same in full.
_PUBLISHERS = {
    "github.com/adriannutiu/gpu-rental-prices": "gpurentalprices.com (CC BY 4.0)",
    "github.com/ewyluda/gpu-price-index": "gpu-price-index",
    "github.com/toolshedlabs-hash/gpu-price-feed": "gpu-price-feed",
    "github.com/andy-diericks/azure-pricing-radar": "Azure Retail Prices (azure-pricing-radar)",
    "github.com/hemgo-lexsi/gpu-price-dashboard": "gpu-price-dashboard",
    "github.com/Cyclenerd/google-cloud-pricing-cost-calculator": "gcosts (Apache-2.0)",
    "github.com/mixxor/eu-cloud-prices": "eu-cloud-prices",
    "github.com/mrmonroe90/compute-price-tracker": "compute-price-tracker",
    "github.com/tardellirs/gpu-pricing": "gpu-pricing",
    "github.com/cherielilili/gpu-pricing-tracker": "getdeploying.com (gpu-pricing-tracker)",
    "github.com/skypilot-org/skypilot-catalog": "SkyPilot catalogue",
    "github.com/henryzhangpku/gpu-price-index": "archived price pages (gpu-price-index)",
    "github.com/amorton45/aws-gpu-price-tracker": "aws-gpu-price-tracker",
    "github.com/tugot17/gpu-price-tracker": "gpu-price-tracker",
    "github.com/the-full-stack/website": "Full Stack Deep Learning",
    "github.com/coreweave/kubernetes-cloud": "CoreWeave price page",
    "github.com/dstackai/gpuhunt": "dstack gpuhunt",
    "dstack-gpu-pricing.s3.eu-west-1.amazonaws.com": "dstack gpuhunt",
    "gpurentalprices.com": "gpurentalprices.com (CC BY 4.0)",
    "prices.azure.com": "Azure Retail Prices",
    "azure.microsoft.com/en-us/pricing": "Azure Retail Prices",
    "aws.amazon.com/ec2/pricing/on-demand": "AWS on-demand prices",
    "aws.amazon.com/ec2/spot/pricing": "AWS spot prices",
    "gcloud-compute.com": "gcloud-compute.com (Apache-2.0)",
    "cloud.google.com/skus": "Google Cloud Billing Catalog",
    "www.oracle.com/cloud/price-list": "Oracle Cloud price list",
    "cloud.google.com": "Google Cloud price page",
    "pricing.us-east-1.amazonaws.com": "AWS price list",
}


# Whose file a live price was read in, when that is not who sells: their licence asks to be named,
# whichever page the price itself points to.
_COLLECTED_BY = {
    "gpurentalprices": "gpurentalprices.com (CC BY 4.0)",
    "gcp": "gcloud-compute.com (Apache-2.0)",
    "gpuhunt": "dstack gpuhunt",
    "skypilot": "SkyPilot catalogue",
}


@lru_cache(maxsize=4096)
def publisher(source_url: str, source: str | None = None) -> str:
    """ "gpurentalprices.com (CC BY 4.0)" for a page of theirs; an unlisted page by its host."""
    if source in _COLLECTED_BY:
        return _COLLECTED_BY[source]
    parts = urlsplit(source_url)
    path = f"{parts.netloc}{parts.path}"
    match = max(
        (prefix for prefix in _PUBLISHERS if path.startswith(prefix)), key=len, default=None
    )
    if match is not None:
        return _PUBLISHERS[match]
    return parts.netloc.removeprefix("www.") or source or source_url
