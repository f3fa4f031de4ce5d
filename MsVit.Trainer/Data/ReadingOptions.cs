using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Data;

/// <summary>How recordings are read. Every command that reads recordings has these options.</summary>
/// <remarks>A model keeps those that it was trained with. One that is given to another command replaces it for that call.</remarks>
internal sealed class ReadingOptions
{
    private readonly Option<EventFormat?> _format = new("--event-format")
    {
        Description = "Recordings: the format, if it cannot be recognized (aedat1, aedat2, aedat31, aedat4, atis, dat, evt2, evt3, "
            + "npz, npy or text).",
        HelpName = "name",
    };
    private readonly Option<string?> _sensor = new("--sensor")
    {
        Description = "Recordings: the size of the sensor in pixels, if they do not state it.",
        HelpName = "WxH",
    };
    private readonly Option<Outside?> _outside = new("--outside")
    {
        Description = "Recordings: stop at events outside the sensor, or drop them.",
        HelpName = "stop|drop",
    };
    private readonly Option<Truncated?> _truncated = new("--truncated")
    {
        Description = "Recordings: stop at a file that ends within an event, or accept the events before that.",
        HelpName = "stop|accept",
    };
    private readonly Option<string?> _columns = new("--columns")
    {
        Description = "Recordings without column names (text, NumPy): the order of the columns, such as x,y,p,t.",
        HelpName = "names",
    };
    private readonly Option<EventTimeUnit?> _unit = new("--time-unit")
    {
        Description = "Recordings as text or NumPy arrays: the unit of times, which are seconds, milliseconds, microseconds or "
            + "nanoseconds. By default the values tell it.",
        HelpName = "unit",
    };
    private readonly Option<AedatAxes?> _axes = new("--axes")
    {
        Description = "Recordings in AEDAT 1.0 or 2.0 that appear upside down: the orientation of x and y.",
    };
    private readonly Option<AedatCamera?> _camera = new("--camera")
    {
        Description = "Recordings in AEDAT 2.0 that do not name their camera.",
    };
    private readonly Option<Invalid?> _invalid = new("--invalid")
    {
        Description = "Recordings in AEDAT 3.1: keep events without the valid flag, or skip them.",
        HelpName = "keep|skip",
    };
    private readonly Option<Unreadable?> _unreadable = new("--unreadable")
    {
        Description = "Stop at an image or recording that cannot be read, or skip it.",
        HelpName = "stop|skip",
    };

    /// <summary>Adds the options.</summary>
    /// <param name="command">The command.</param>
    /// <param name="withUnreadable">Whether the command can skip files.</param>
    public void AddTo(Command command, bool withUnreadable = true)
    {
        foreach (var option in new Option[] { _format, _sensor, _outside, _truncated, _columns, _unit, _axes, _camera, _invalid })
        {
            command.Add(option);
        }
        if (withUnreadable)
        {
            command.Add(_unreadable);
        }
    }

    /// <summary>The options for a command without a model.</summary>
    public EventReadOptions Of(ParseResult parsed) => Over(parsed, new());

    /// <summary>The options of a model, with those that were given in their place.</summary>
    /// <exception cref="UsageException">A value is not understood.</exception>
    public EventReadOptions Over(ParseResult parsed, EventReadOptions kept) => kept with
    {
        Format = parsed.GetValue(_format) ?? kept.Format,
        Sensor = Sensor(parsed) ?? kept.Sensor,
        OutOfRange = parsed.GetValue(_outside) is { } outside
            ? outside == Outside.Drop ? OutOfRangePolicy.Drop : OutOfRangePolicy.Throw
            : kept.OutOfRange,
        AcceptTruncated = parsed.GetValue(_truncated) is { } truncated ? truncated == Truncated.Accept : kept.AcceptTruncated,
        Columns = Columns(parsed) ?? kept.Columns,
        TimeUnit = parsed.GetValue(_unit) ?? kept.TimeUnit,
        Axes = parsed.GetValue(_axes) ?? kept.Axes,
        Camera = parsed.GetValue(_camera) ?? kept.Camera,
        SkipInvalid = parsed.GetValue(_invalid) is { } invalid ? invalid == Invalid.Skip : kept.SkipInvalid,
    };

    /// <summary>What to do with files that cannot be read; null if it was not given.</summary>
    public UndecodableImagePolicy? Undecodable(ParseResult parsed) => parsed.GetValue(_unreadable) switch
    {
        null => null,
        Unreadable.Skip => UndecodableImagePolicy.Skip,
        _ => UndecodableImagePolicy.Throw,
    };

    /// <summary>The options that a model keeps, with those that were given in their place.</summary>
    public EventReadOptions Of(ParseResult parsed, ITransformer model) => Over(parsed, Kept(model));

    /// <summary>The options that a model keeps. The frames' sensor is the one that counts, however it was found.</summary>
    public static EventReadOptions Kept(ITransformer model) =>
        MsVitPipeline.Of(model).Before.OfType<EventsToFramesTransformer>().FirstOrDefault()?.Source.Options is { } options
            ? options.Reading with { Sensor = options.Frames.Area.Sensor }
            : new();

    /// <summary>A model that reads recordings as the options say for this call.</summary>
    /// <returns>The model itself if no option of reading was given, else one that shares its network.</returns>
    public ITransformer Apply(ParseResult parsed, ITransformer model)
    {
        var pipeline = MsVitPipeline.Of(model);
        if (Undecodable(parsed) is { } policy)
        {
            pipeline.Model.Scorer.Undecodable = policy;
        }
        ITransformer[] steps = [.. pipeline.Steps.Select(step => step is EventsToFramesTransformer frames ? Applied(frames) : step)];
        return steps.SequenceEqual(pipeline.Steps) ? model : new TransformerChain<ITransformer>(steps);

        EventsToFramesTransformer Applied(EventsToFramesTransformer frames)
        {
            var kept = frames.Source.Options;
            var unreadable = Undecodable(parsed) switch
            {
                null => kept.Unreadable,
                UndecodableImagePolicy.Skip => UnreadableRecordingPolicy.Missing,
                _ => UnreadableRecordingPolicy.Throw,
            };
            var wanted = Over(parsed, kept.Reading);
            return wanted == kept.Reading && unreadable == kept.Unreadable
                ? frames
                : UsageException.Check(() => frames.WithReading(wanted).With(unreadable));
        }
    }

    private SensorSize? Sensor(ParseResult parsed)
    {
        if (parsed.GetValue(_sensor) is not { } text)
        {
            return null;
        }
        var sides = text.ToUpperInvariant().Split('X');
        return sides.Length == 2
            && ushort.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out var width) && width > 0
            && ushort.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out var height) && height > 0
            ? new SensorSize(width, height)
            : throw new UsageException($"--sensor {text} is not understood: expected WIDTHxHEIGHT in pixels, such as 128x128.");
    }

    private string? Columns(ParseResult parsed) => parsed.GetValue(_columns) is not { } names ? null
        : ColumnOrder.TryParse(names, out _) ? names
        : throw new UsageException($"--columns {names} is not understood: expected t, x, y and p once each, such as x,y,p,t; "
            + "use another name for a column to ignore.");
}

/// <summary>What to do with an event outside the sensor.</summary>
internal enum Outside
{
    Stop,
    Drop,
}

/// <summary>What to do with a file that ends within an event.</summary>
internal enum Truncated
{
    Stop,
    Accept,
}

/// <summary>What to do with an event without the valid flag.</summary>
internal enum Invalid
{
    Keep,
    Skip,
}

/// <summary>What to do with a file that cannot be read.</summary>
internal enum Unreadable
{
    Stop,
    Skip,
}
