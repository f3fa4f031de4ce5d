using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>A buffered column of images; a caller gets a copy, since it may dispose what it is given.</summary>
/// <remarks>
/// The source's getter is called with the previous image of the row before, as by any other consumer, and may dispose or reuse
/// it: so the pixels are copied out at once.
/// </remarks>
internal sealed class BufferedImages(DataViewRow row, DataViewSchema.Column column, int batchSize) : BufferedColumn
{
    private readonly ValueGetter<MLImage> _source = row.GetGetter<MLImage>(column);
    private MLImage? _current;
    private MLImage?[] _reading = new MLImage?[batchSize];
    private MLImage?[] _serving = new MLImage?[batchSize];

    public override void Read(int slot)
    {
        _reading[slot]?.Dispose();
        _source(ref _current!);
        _reading[slot] = Copy(_current);
    }

    public override void Swap() => (_reading, _serving) = (_serving, _reading);

    public override Delegate Getter(Func<int> slot) => (ValueGetter<MLImage>)((ref MLImage value) => value = Copy(_serving[slot()])!);

    private static MLImage? Copy(MLImage? image) => image is null
        ? null
        : MLImage.CreateFromPixels(image.Width, image.Height, image.PixelFormat, image.Pixels);
}
