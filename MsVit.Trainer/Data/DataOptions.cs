using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Data;

/// <summary>The options for the data that a command reads.</summary>
internal sealed class DataOptions
{
    private readonly Option<string> _data = new("--data", "-d")
    {
        Description = "The data: a folder with one subfolder per class (images or event recordings), CIFAR's .bin files or their folder, "
            + "a .csv or .txt list of recordings, or shapes:COUNT for drawn shapes.",
        Required = true,
        HelpName = "path",
    };

    private readonly Option<DataFormat> _format = new("--format")
    {
        Description = "The format of --data, if it cannot be detected.",
        DefaultValueFactory = _ => DataFormat.Auto,
    };
    private readonly Option<string?> _sensor = new("--sensor")
    {
        Description = "The size of the event sensor in pixels, if the recordings do not state it.",
        HelpName = "WxH",
    };

    public void AddTo(Command command)
    {
        command.Add(_data);
        command.Add(_format);
        command.Add(_sensor);
    }

    /// <summary>The value of --data.</summary>
    public string Path(ParseResult parsed) => parsed.GetValue(_data)!;

    /// <summary>Opens the data.</summary>
    public OpenedData Open(ParseResult parsed, MLContext mlContext, DataPart part) =>
        DataSource.Open(mlContext, parsed.GetValue(_data)!, parsed.GetValue(_format), part, Sensor(parsed));

    /// <summary>Opens another set of the same kind.</summary>
    public OpenedData OpenOther(ParseResult parsed, MLContext mlContext, string path, DataPart part) =>
        DataSource.Open(mlContext, path, parsed.GetValue(_format), part, Sensor(parsed));

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
}
