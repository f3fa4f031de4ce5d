namespace MsVit.MLNet;

/// <summary>The operations that RandAugment chooses from: timm's "increasing" set, in its order.</summary>
internal enum ImageOperation
{
    /// <summary>Each channel is stretched to 0..255.</summary>
    AutoContrast,

    /// <summary>The histogram of each channel is equalized.</summary>
    Equalize,

    /// <summary>255 - v.</summary>
    Invert,

    /// <summary>Rotated around the center, in degrees, counterclockwise.</summary>
    Rotate,

    /// <summary>The upper bits of each byte are kept.</summary>
    PosterizeIncreasing,

    /// <summary>Levels from a threshold up are inverted.</summary>
    SolarizeIncreasing,

    /// <summary>Levels below 128 are raised.</summary>
    SolarizeAdd,

    /// <summary>Away from gray, or toward it.</summary>
    ColorIncreasing,

    /// <summary>Away from the mean level, or toward it.</summary>
    ContrastIncreasing,

    /// <summary>Away from black, or toward it.</summary>
    BrightnessIncreasing,

    /// <summary>Away from a smoothed image, or toward it.</summary>
    SharpnessIncreasing,

    /// <summary>Rows are shifted sideways in proportion to their height.</summary>
    ShearX,

    /// <summary>Columns are shifted vertically in proportion to their distance from the left.</summary>
    ShearY,

    /// <summary>Shifted to the left by a share of the width.</summary>
    TranslateXRel,

    /// <summary>Shifted up by a share of the height.</summary>
    TranslateYRel,
}
