using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MsVit.MLNet.Events;

/// <summary>Counts the events of recordings, given by their paths, into a column of frames.</summary>
/// <remarks>
/// <para><b>Input and output columns.</b> The input is the path of a recording (text), with optional Int64 columns for the start and end
/// of a slice. The output is a vector of Byte with the dimensions [T, P, H, W]: counts of OFF and ON events, or of both if they are
/// merged. Counts above 255 are rare, and the trainer stores bytes; for other trainers, ConvertType turns the bytes into Single.</para>
/// <para><b>Fitting</b> takes the sensor from the data if the options do not give it. If the files do not state it either, fitting reads
/// them all and takes the smallest sensor with all events; the log says which, and warns if a few events decide it. Fitting also fills the
/// cache if there is one. Otherwise it reads nothing.</para>
/// </remarks>
public sealed class EventsToFramesEstimator : IEstimator<EventsToFramesTransformer>
{
    private readonly IHost _host;
    private readonly EventsToFramesOptions _options;

    internal EventsToFramesEstimator(IHostEnvironment environment, EventsToFramesOptions options)
    {
        _host = environment.Register(nameof(EventsToFramesEstimator));
        options.Validate();
        _options = options;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The column of paths is missing, or the size of the sensor is unknown.</exception>
    public EventsToFramesTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var columns = RecordingColumns.In(input.Schema, _options);
        var options = _options;
        if (options.Frames.Area is { Sensor: null } area)
        {
            var sensor = options.Reading.Sensor ?? columns.CommonSensor(input) ?? Measured(columns.Recordings(input));
            options = options with { Frames = options.Frames with { Area = area with { Sensor = sensor } } };
        }
        var source = new FramesSource(options);
        if (options.CacheFolder is not null)
        {
            using var channel = _host.Start("Caching");
            using var progress = _host.StartProgressChannel("EventFrames");
            var unreadable = CacheFilling.Run(source, columns.Recordings(input), progress, _host.CheckAlive);
            if (unreadable > 0)
            {
                channel.Warning($"Recordings that could not be read: {unreadable}.");
            }
        }
        return new EventsToFramesTransformer(_host, source);
    }

    private SensorSize? Measured(IReadOnlyList<EventRecording> recordings)
    {
        using var channel = _host.Start("Sensor");
        var survey = RecordingSurvey.Of(recordings, _options.Reading);
        survey.CheckReadable();
        foreach (var warning in survey.Warnings)
        {
            channel.Warning(warning.ToString());
        }
        if (survey is { Sensor: { } sensor, SensorSource: EventFactSource.Measured })
        {
            channel.Info($"The sensor is taken as {sensor}, which the events need; no file states it.");
        }
        return survey.Sensor;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        if (!inputSchema.TryFindColumn(_options.PathColumnName, out var path))
        {
            throw OtherKind.Note(inputSchema.Select(column => column.Name), frames: true) is { Length: > 0 } kind
                ? new ArgumentException($"{kind}There is no column '{_options.PathColumnName}'.", nameof(inputSchema))
                : _host.ExceptSchemaMismatch(nameof(inputSchema), "path", _options.PathColumnName);
        }
        if (path.Kind != SchemaShape.Column.VectorKind.Scalar || path.ItemType != TextDataViewType.Instance)
        {
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "path", path.Name, "text", path.GetTypeString());
        }
        var columns = inputSchema.ToDictionary(column => column.Name);
        columns[_options.OutputColumnName] = new(
            _options.OutputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Byte, isKey: false);
        return new(columns.Values);
    }
}
