using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>A buffered column of vectors; a caller gets a copy, since it may write into what it is given.</summary>
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
