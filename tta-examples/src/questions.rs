//! Questions about the handbook of lighthouses.

/// The questions of a run without arguments: one, and two follow-ups.
pub(crate) const SESSION: &[&str] = &[
    "Which devices did automation need to replace a keeper?",
    "How did acetylene, the flasher and the sun valve do the work of a keeper?",
    "What powers an automatic lighthouse, and who notices when its lamp fails?",
];

/// More questions, asked under load besides [`SESSION`].
pub(crate) const MORE: &[&str] = &[
    "Why was the first tower on the Eddystone lost?",
    "How did Smeaton make mortar that hardens under water?",
    "Why does a Fresnel lens waste less light than a mirror?",
    "What is the difference between a flashing and an occulting light?",
    "How far can a light forty metres above the sea be seen?",
    "Why can no lamp be strong enough for fog?",
    "How is a lighthouse moved away from an eroding cliff?",
    "Who pays for lighthouses in Britain and in the United States?",
    "What happened on the Flannan Isles in December 1900?",
    "What does a cardinal mark tell a navigator?",
    "Why was mercury used under rotating lenses, and what harm did it do?",
    "How does a racon answer a ship's radar?",
    "How were lighthouses built on sand and mud?",
    "Why were lightships dangerous for their crews?",
    "What became of sperm whale oil as a fuel?",
    "How large is a first-order lens?",
    "Why do sector lights show red and green?",
    "How are old Fresnel lenses cleaned and kept?",
];
