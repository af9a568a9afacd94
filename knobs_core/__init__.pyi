from .base import (
    BundleError as BundleError,
)
from .base import (
    ConfigError as ConfigError,
)
from .base import (
    DataError as DataError,
)
from .base import (
    KnobsError as KnobsError,
)
from .base import (
    Progress as Progress,
)
from .base import (
    UnknownNameError as UnknownNameError,
)
from .bundles import (
    Bundle as Bundle,
)
from .bundles import (
    Catalogue as Catalogue,
)
from .bundles import (
    Explanation as Explanation,
)
from .bundles import (
    Knob as Knob,
)
from .bundles import (
    Person as Person,
)
from .bundles import (
    RecommendationList as RecommendationList,
)
from .bundles import (
    draw_map as draw_map,
)
from .bundles import (
    evaluate as evaluate,
)
from .bundles import (
    load as load,
)
from .bundles import (
    load_demo as load_demo,
)
from .bundles import (
    save as save,
)
from .bundles import (
    train as train,
)
from .concepts import Label as Label
from .concepts import Theme as Theme
from .data import Interactions as Interactions
from .data import Source as Source
from .data import load_data as load_data
from .models import CFAES as CFAES
from .models import SAES as SAES
from .models import Nested as Nested
from .steering import Dial as Dial
from .steering import Engine as Engine
