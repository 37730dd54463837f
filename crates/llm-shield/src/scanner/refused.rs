//! Parameters of llm-guard's personal-data scanners that have no meaning here: to give one is an error that says so.

use serde::{Deserialize, Deserializer, de};

macro_rules! refused {
    ($name:ident, $reason:literal) => {
        #[doc = concat!("Cannot be given: ", $reason)]
        pub(super) enum $name {}

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
                Err(de::Error::custom($reason))
            }
        }
    };
}

refused!(
    RecognizerConf,
    "`recognizer_conf` names a model of llm-guard's; here names are found by the program's own model, if it has one: \
     leave it out"
);
refused!(UseOnnx, "`use_onnx` chooses between two runtimes of llm-guard's; here there is one: leave it out");
refused!(
    Vault,
    "`vault` cannot stand in a policy: a vault belongs to one conversation and is handed in with each call: leave it \
     out"
);
