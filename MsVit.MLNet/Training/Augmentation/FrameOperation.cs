namespace MsVit.MLNet;

/// <summary>What is done to all frames of a sample alike: the reference's SNNAugmentWide.</summary>
internal enum FrameOperation
{
    /// <summary>Nothing.</summary>
    Identity,

    /// <summary>Rows slide against each other.</summary>
    ShearX,

    /// <summary>Moves right or left by whole pixels.</summary>
    TranslateX,

    /// <summary>Moves down or up by whole pixels.</summary>
    TranslateY,

    /// <summary>Turns about the center.</summary>
    Rotate,

    /// <summary>Empties a square.</summary>
    Cutout,
}
