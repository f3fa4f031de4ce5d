using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MsVit.MLNet.Events;

[assembly: LoadableClass(
    typeof(EventsToFramesTransformer), null, typeof(SignatureLoadModel), "Event recordings to frames",
    EventsToFramesTransformer.LoaderSignature)]

namespace MsVit.MLNet.Events;

/// <summary>Adds a column of event frames [T, P, H, W] to rows with the path of a recording. Thread-safe.</summary>
/// <remarks>
/// A recording is open only while its frames are read. A saved model includes all options except those of the machine, such as the cache.
/// </remarks>
public sealed class EventsToFramesTransformer : RowToRowTransformerBase
{
    internal const string LoaderSignature = "EventsToFrames";

    // Each pass over the data meets the same files.
    private const int MostLogged = 5;

    private readonly FramesSource _source;
    private readonly RowFaults? _faults;
    private int _logged;

    internal EventsToFramesTransformer(IHostEnvironment environment, FramesSource source, RowFaults? faults = null)
        : base(environment.Register(nameof(EventsToFramesTransformer)))
    {
        _source = source;
        _faults = faults;
    }

    // ML.NET's loader calls this constructor.
    internal EventsToFramesTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment.Register(nameof(EventsToFramesTransformer)))
    {
        context.CheckAtModel(Version);
        _source = Load(context.Reader.ReadString());
    }

    /// <summary>Creates the step from <see cref="OptionsJson"/>.</summary>
    /// <exception cref="InvalidDataException">It is damaged; the message says what is wrong.</exception>
    internal EventsToFramesTransformer(IHostEnvironment environment, string optionsJson)
        : this(environment, Load(optionsJson))
    {
    }

    /// <summary>Reads recordings into frames.</summary>
    internal FramesSource Source => _source;

    /// <summary>The options that a saved model includes.</summary>
    internal string OptionsJson => JsonSerializer.Serialize(_source.Options);

    /// <summary>The dimensions of the frames: [T, P, H, W].</summary>
    public IReadOnlyList<int> Dimensions => _source.Dimensions;

    private static VersionInfo Version => new(
        modelSignature: "EVFRAMES",
        verWrittenCur: 0x00010001, // Initial
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderAssemblyName: typeof(EventsToFramesTransformer).Assembly.FullName!,
        loaderSignature: LoaderSignature);

    /// <summary>Makes a copy with another cache. A loaded model has no cache until it is given one.</summary>
    /// <param name="folder">The folder; null for no cache.</param>
    /// <param name="maxBytes">The most bytes in the folder, 0 or more. The default is 16 GiB.</param>
    public EventsToFramesTransformer WithCache(string? folder, long maxBytes = 16L << 30)
    {
        var options = _source.Options with { CacheFolder = folder, CacheBytes = maxBytes };
        return With(options);
    }

    /// <summary>Makes a copy that reads recordings in another way, such as another order of columns.</summary>
    /// <param name="reading">How to read files. A sensor given here also becomes that of the frames.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the sensor is smaller than the frames.</exception>
    public EventsToFramesTransformer WithReading(EventReadOptions reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        var options = _source.Options with { Reading = reading };
        if (reading.Sensor is { } sensor)
        {
            options = options with { Frames = options.Frames with { Area = options.Frames.Area with { Sensor = sensor } } };
        }
        return With(options);
    }

    /// <summary>Makes a copy that does something else with recordings that cannot be read.</summary>
    internal EventsToFramesTransformer With(UnreadableRecordingPolicy unreadable) => With(_source.Options with { Unreadable = unreadable });

    private EventsToFramesTransformer With(EventsToFramesOptions options)
    {
        options.Validate();
        return new(Host, new FramesSource(options));
    }

    /// <summary>A copy that gives empty frames for a recording that cannot be read, and keeps the reason.</summary>
    internal EventsToFramesTransformer Keeping(RowFaults faults) =>
        new(Host, new FramesSource(_source.Options with { Unreadable = UnreadableRecordingPolicy.Throw }), faults);

    /// <summary>Saves the options.</summary>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version);

        // *** Binary format ***
        // string: the options as JSON
        ctx.Writer.Write(OptionsJson);
    }

    /// <summary>Binds the columns.</summary>
    protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private void LogUnreadable(Exception reason)
    {
        if (Interlocked.Increment(ref _logged) <= MostLogged)
        {
            using var channel = Host.Start("Frames");
            channel.Warning($"A recording cannot be read: {Advice.ProblemOf(reason)}");
        }
    }

    private static FramesSource Load(string json)
    {
        try
        {
            var options = JsonSerializer.Deserialize<EventsToFramesOptions>(json)
                ?? throw new InvalidDataException("The saved options of EventsToFrames are empty.");
            options.Validate();
            return new FramesSource(options);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"The saved options of EventsToFrames are damaged: {e.Message} Save the model again.", e);
        }
    }

    private sealed class Mapper(EventsToFramesTransformer parent, DataViewSchema schema)
        : MapperBase(parent.Host.Register(nameof(Mapper)), schema, parent)
    {
        private readonly FramesSource _source = parent._source;
        private readonly RecordingColumns _columns = RecordingColumns.In(schema, parent._source.Options);

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() =>
            [new(_source.Options.OutputColumnName, new VectorDataViewType(NumberDataViewType.Byte, _source.Dimensions))];

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action? disposer)
        {
            disposer = null;
            var recording = _columns.Reader(input);
            return parent._faults is { } faults
                ? faults.Keeping<VBuffer<byte>>(input, Read, static (ref value) => value = VBufferEditor.Create(ref value, 0).Commit())
                : (ValueGetter<VBuffer<byte>>)Read;

            void Read(ref VBuffer<byte> value)
            {
                var frames = _source.Read(recording(), parent.LogUnreadable);
                var editor = VBufferEditor.Create(ref value, frames.Length);
                frames.CopyTo(editor.Values);
                value = editor.Commit();
            }
        }

        protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput)
        {
            int[] needed = activeOutput(0) ? [.. _columns.Needed.Select(column => column.Index)] : [];
            return needed.Contains;
        }

        protected override void SaveModel(ModelSaveContext ctx) => parent.SaveModel(ctx);
    }
}
