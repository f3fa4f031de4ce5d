namespace MsVit.MLNet;

/// <summary>The operations that RandAugment chooses from: timm's "increasing" set, in its order.</summary>
internal enum ImageOperation
{
    /// <summary>Each channel is stretched to 0..255.</summary>
    AutoContrast,

    /// <summary>The histogram of each channel is levelled.</summary>
    Equalize,

    /// <summary>255 - v.</summary>
    Invert,

    /// <summary>Turned about the center, by degrees counter-clockwise.</summary>
    Rotate,

    /// <summary>The upper bits of each byte are kept.</summary>
    PosterizeIncreasing,

    /// <summary>Levels from a threshold on are inverted.</summary>
    SolarizeIncreasing,

    /// <summary>Levels below 128 are raised.</summary>
    SolarizeAdd,

    /// <summary>Away from gray, or towards it.</summary>
    ColorIncreasing,

    /// <summary>Away from the mean level, or towards it.</summary>
    ContrastIncreasing,

    /// <summary>Away from black, or towards it.</summary>
    BrightnessIncreasing,

    /// <summary>Away from a smoothed image, or towards it.</summary>
    SharpnessIncreasing,

    /// <summary>Rows slide against each other.</summary>
    ShearX,

    /// <summary>Columns slide against each other.</summary>
    ShearY,

    /// <summary>Moved to the left by a share of the width.</summary>
    TranslateXRel,

    /// <summary>Moved up by a share of the height.</summary>
    TranslateYRel,
}
