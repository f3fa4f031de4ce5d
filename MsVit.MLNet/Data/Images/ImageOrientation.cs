namespace MsVit.MLNet;

/// <summary>How the stored rows of an image are turned for display: swap the axes first, then mirror along each.</summary>
/// <param name="SwapsAxes">The stored rows are the columns of the image.</param>
/// <param name="MirrorsX">The image is flipped left to right after that.</param>
/// <param name="MirrorsY">The image is flipped top to bottom after that.</param>
internal readonly record struct ImageOrientation(bool SwapsAxes, bool MirrorsX, bool MirrorsY)
{
    /// <param name="orientation">The Orientation tag of EXIF, 1..8; any other value leaves the image as stored.</param>
    public static ImageOrientation FromExif(int orientation) => orientation is < 1 or > 8
        ? default
        : new(SwapsAxes: orientation >= 5, MirrorsX: orientation is 2 or 3 or 6 or 7, MirrorsY: orientation is 3 or 4 or 7 or 8);

    /// <summary>The size of the image whose stored size is given, and the other way round.</summary>
    public (int Width, int Height) Turn(int width, int height) => SwapsAxes ? (height, width) : (width, height);

    /// <summary>Where stored pixel (0, 0) goes in the turned image, and how many pixels further each step right and down goes.</summary>
    public (int Start, int StepX, int StepY) Walk(int storedWidth, int storedHeight)
    {
        var (width, height) = Turn(storedWidth, storedHeight);
        var start = (MirrorsX ? width - 1 : 0) + ((MirrorsY ? height - 1 : 0) * width);
        var right = MirrorsX ? -1 : 1;
        var down = MirrorsY ? -width : width;
        return SwapsAxes ? (start, down, right) : (start, right, down);
    }
}
