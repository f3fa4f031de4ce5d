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

    private readonly FramesSource _source;

    internal EventsToFramesTransformer(IHostEnvironment environment, FramesSource source)
        : base(environment.Register(nameof(EventsToFramesTransformer)))
    {
        _source = source;
    }

    // ML.NET's loader calls this constructor.
    internal EventsToFramesTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment.Register(nameof(EventsToFramesTransformer)))
    {
        context.CheckAtModel(Version);
        _source = Load(context.Reader.ReadString());
    }

    /// <summary>Reads recordings into frames.</summary>
    internal FramesSource Source => _source;

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
        options.Validate();
        return new(Host, new FramesSource(options));
    }

    /// <summary>Saves the options.</summary>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version);

        // *** Binary format ***
        // string: the options as JSON
        ctx.Writer.Write(JsonSerializer.Serialize(_source.Options));
    }

    /// <summary>Binds the columns.</summary>
    protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

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
            return (ValueGetter<VBuffer<byte>>)((ref VBuffer<byte> value) =>
            {
                var frames = _source.Read(recording());
                var editor = VBufferEditor.Create(ref value, frames.Length);
                frames.CopyTo(editor.Values);
                value = editor.Commit();
            });
        }

        protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput)
        {
            int[] needed = activeOutput(0) ? [.. _columns.Needed.Select(column => column.Index)] : [];
            return needed.Contains;
        }

        protected override void SaveModel(ModelSaveContext ctx) => parent.SaveModel(ctx);
    }
}
