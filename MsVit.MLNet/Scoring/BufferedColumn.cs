using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>Holds one column's values for two batches of rows: one that is being read, and one that is being served.</summary>
internal abstract class BufferedColumn
{
    /// <summary>Creates the buffer for an active column of a row.</summary>
    public static BufferedColumn Of(DataViewRow row, DataViewSchema.Column column, int batchSize)
    {
        var raw = column.Type.RawType;
        var isVector = raw.IsGenericType && raw.GetGenericTypeDefinition() == typeof(VBuffer<>);
        var buffer = raw == typeof(MLImage) ? typeof(BufferedImages)
            : isVector ? typeof(BufferedVectors<>).MakeGenericType(raw.GenericTypeArguments)
            : typeof(BufferedValues<>).MakeGenericType(raw);
        return (BufferedColumn)Activator.CreateInstance(buffer, row, column, batchSize)!;
    }

    /// <summary>Copies the row's current value into a slot of the batch that is being read.</summary>
    public abstract void Read(int slot);

    /// <summary>Starts serving the batch that was read.</summary>
    public abstract void Swap();

    /// <summary>A <see cref="ValueGetter{TValue}"/> of the column's type.</summary>
    /// <param name="slot">Gives the slot of the cursor's current row.</param>
    public abstract Delegate Getter(Func<int> slot);
}

/// <summary>Buffers plain values, which are served by assignment.</summary>
internal sealed class BufferedValues<T>(DataViewRow row, DataViewSchema.Column column, int batchSize) : BufferedColumn
{
    private readonly ValueGetter<T> _source = row.GetGetter<T>(column);
    private T[] _reading = new T[batchSize];
    private T[] _serving = new T[batchSize];

    public override void Read(int slot) => _source(ref _reading[slot]);

    public override void Swap() => (_reading, _serving) = (_serving, _reading);

    public override Delegate Getter(Func<int> slot) => (ValueGetter<T>)((ref T value) => value = _serving[slot()]);
}

/// <summary>Buffers vectors. Callers get copies, since they may write into what they get.</summary>
internal sealed class BufferedVectors<T>(DataViewRow row, DataViewSchema.Column column, int batchSize) : BufferedColumn
{
    private readonly ValueGetter<VBuffer<T>> _source = row.GetGetter<VBuffer<T>>(column);
    private VBuffer<T>[] _reading = new VBuffer<T>[batchSize];
    private VBuffer<T>[] _serving = new VBuffer<T>[batchSize];

    public override void Read(int slot) => _source(ref _reading[slot]);

    public override void Swap() => (_reading, _serving) = (_serving, _reading);

    public override Delegate Getter(Func<int> slot) =>
        (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => _serving[slot()].CopyTo(ref value));
}

/// <summary>Buffers images. Callers get copies, since they may dispose what they get.</summary>
/// <remarks>
/// The source's getter is given the previous row's image, as ML.NET expects, and may dispose or reuse it, so the pixels are copied at
/// once.
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

    public override Delegate Getter(Func<int> slot) =>
        (ValueGetter<MLImage>)((ref MLImage value) => value = Copy(_serving[slot()])!);

    private static MLImage? Copy(MLImage? image) => image is null
        ? null
        : MLImage.CreateFromPixels(image.Width, image.Height, image.PixelFormat, image.Pixels);
}
