namespace MsVit.MLNet;

/// <summary>Converts a magnitude of 0 to 10 to the argument of an operation.</summary>
/// <remarks>timm 0.6.12, in float64 and from left to right, so that whole numbers are truncated where timm truncates them.</remarks>
internal static class OperationArgument
{
    private const double Levels = 10;
    private const double LeastFactor = 0.1;

    /// <summary>
    /// The degrees of Rotate, the factor of a shear, the share of a translation, the bits that Posterize keeps, the threshold of Solarize,
    /// the summand of SolarizeAdd, or the factor of Color, Contrast, Brightness and Sharpness; 0 for the others.
    /// </summary>
    /// <param name="operation">The operation.</param>
    /// <param name="magnitude">0 to 10.</param>
    /// <param name="negative">Whether to use the other direction, for operations that have two.</param>
    public static double Of(ImageOperation operation, double magnitude, bool negative)
    {
        var share = magnitude / Levels;
        switch (operation)
        {
            case ImageOperation.Rotate:
                return Signed(share * 30);
            case ImageOperation.ShearX or ImageOperation.ShearY:
                return Signed(share * 0.3);
            case ImageOperation.TranslateXRel or ImageOperation.TranslateYRel:
                return Signed(share * 0.45);
            case ImageOperation.PosterizeIncreasing:
                return 4 - (int)(share * 4);
            case ImageOperation.SolarizeIncreasing:
                return 256 - (int)(share * 256);
            case ImageOperation.SolarizeAdd:
                return (int)(share * 110);
            case ImageOperation.ColorIncreasing or ImageOperation.ContrastIncreasing
                or ImageOperation.BrightnessIncreasing or ImageOperation.SharpnessIncreasing:
                return Math.Max(LeastFactor, 1 + Signed(share * 0.9));
            default:
                return 0;
        }

        double Signed(double value) => negative ? -value : value;
    }
}
