using Microsoft.ML;

namespace MsVit.MLNet;

/// <summary>A buffered column of plain values, which are handed out by assignment.</summary>
internal sealed class BufferedValues<T>(DataViewRow row, DataViewSchema.Column column, int batchSize) : BufferedColumn
{
    private readonly ValueGetter<T> _source = row.GetGetter<T>(column);
    private T[] _reading = new T[batchSize];
    private T[] _serving = new T[batchSize];

    public override void Read(int slot) => _source(ref _reading[slot]);

    public override void Swap() => (_reading, _serving) = (_serving, _reading);

    public override Delegate Getter(Func<int> slot) => (ValueGetter<T>)((ref T value) => value = _serving[slot()]);
}
