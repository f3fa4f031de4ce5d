using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet.Events;

/// <summary>The columns that describe recordings; all but the path are optional.</summary>
internal sealed record RecordingColumns(
    DataViewSchema.Column Path,
    DataViewSchema.Column? Start,
    DataViewSchema.Column? End,
    DataViewSchema.Column? Width,
    DataViewSchema.Column? Height)
{
    /// <summary>Finds the columns.</summary>
    /// <exception cref="ArgumentException">There is no column of paths, or a column has the wrong type.</exception>
    public static RecordingColumns In(DataViewSchema schema, EventsToFramesOptions options) => new(
        Find(schema, options.PathColumnName, TextDataViewType.Instance)
            ?? throw new ArgumentException(OtherKind.Note(schema.Select(c => c.Name), frames: true)
                + $"The data has no column '{options.PathColumnName}' with the paths of recordings; "
                + $"it has {string.Join(", ", schema.Select(c => c.Name))}."),
        Find(schema, options.StartColumnName, NumberDataViewType.Int64),
        Find(schema, options.EndColumnName, NumberDataViewType.Int64),
        Find(schema, EventColumns.SensorWidth, NumberDataViewType.Int32),
        Find(schema, EventColumns.SensorHeight, NumberDataViewType.Int32));

    /// <summary>The columns that identify a recording.</summary>
    public IEnumerable<DataViewSchema.Column> Needed => new[] { Path, Start, End }.OfType<DataViewSchema.Column>();

    /// <summary>A function that gives the recording of the cursor's current row.</summary>
    public Func<EventRecording> Reader(DataViewRow row)
    {
        var path = row.GetGetter<ReadOnlyMemory<char>>(Path);
        var start = Start is { } s ? row.GetGetter<long>(s) : (ref value) => value = long.MinValue;
        var end = End is { } e ? row.GetGetter<long>(e) : (ref value) => value = long.MaxValue;
        ReadOnlyMemory<char> text = default;
        return () =>
        {
            var (from, to) = (0L, 0L);
            path(ref text);
            start(ref from);
            end(ref to);
            return new EventRecording(text.ToString(), "") { Start = from, End = to };
        };
    }

    /// <summary>All recordings of the data, in order.</summary>
    public IReadOnlyList<EventRecording> Recordings(IDataView data)
    {
        using var cursor = data.GetRowCursor(Needed);
        var read = Reader(cursor);
        var recordings = new List<EventRecording>();
        while (cursor.MoveNext())
        {
            recordings.Add(read());
        }
        return recordings;
    }

    /// <summary>The sensor that all rows share; null if no row gives one.</summary>
    /// <exception cref="ArgumentException">Two rows give different sensors.</exception>
    public SensorSize? CommonSensor(IDataView data)
    {
        if (Width is not { } widths || Height is not { } heights)
        {
            return null;
        }
        using var cursor = data.GetRowCursor([widths, heights]);
        var (width, height) = (cursor.GetGetter<int>(widths), cursor.GetGetter<int>(heights));
        SensorSize? common = null;
        while (cursor.MoveNext())
        {
            var (w, h) = (0, 0);
            width(ref w);
            height(ref h);
            if (w < 1 || h < 1)
            {
                continue;
            }
            var sensor = new SensorSize(w, h);
            common ??= sensor;
            if (common != sensor)
            {
                throw Advice.Argument(
                    $"The recordings have different sensors, {common} and {sensor} (row {cursor.Position}).",
                    new Remedy("To use one for all", RemedyOption.FrameSensor));
            }
        }
        return common;
    }

    private static DataViewSchema.Column? Find(DataViewSchema schema, string name, DataViewType type)
    {
        var column = schema.GetColumnOrNull(name);
        return column is null || column.Value.Type.Equals(type) ? column
            : throw new ArgumentException($"Column '{name}' is of type {column.Value.Type}; expected {type}.");
    }
}
