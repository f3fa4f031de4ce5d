using System.CommandLine;
using Microsoft.ML;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Data;

/// <summary>The options for the data that a command reads.</summary>
internal sealed class DataOptions
{
    // The name of the option by which a user says to know better, where a command has it.
    private const string Force = "--force";

    private readonly Option<string> _data = new("--data", "-d")
    {
        Description = "The data: a folder with one subfolder per class (images or event recordings), CIFAR's .bin files or their folder, "
            + "a .csv or .txt list of images or recordings, or shapes:COUNT for drawn shapes.",
        Required = true,
        HelpName = "path",
    };

    private readonly Option<DataFormat> _format = new("--format")
    {
        Description = "The format of --data, if it cannot be detected: folder reads only images, events only recordings.",
        DefaultValueFactory = _ => DataFormat.Auto,
    };

    /// <summary>Whether a command says what the files are. The default is true; one whose data are only a means does not.</summary>
    public bool Tells { get; init; } = true;

    /// <summary>How recordings are read.</summary>
    public ReadingOptions Reading { get; } = new();

    public void AddTo(Command command)
    {
        command.Add(_data);
        command.Add(_format);
        Reading.AddTo(command);
    }

    /// <summary>The value of --data.</summary>
    public string Path(ParseResult parsed) => parsed.GetValue(_data)!;

    /// <summary>Opens the data, and says what it is.</summary>
    public OpenedData Open(ParseResult parsed, MLContext mlContext, DataPart part)
    {
        var opened = Open(parsed, mlContext, parsed.GetValue(_data)!, part, Reading.Of(parsed));
        opened.Survey?.CheckReadable();
        return opened;
    }

    /// <summary>Opens data for a model, as the model reads recordings.</summary>
    public OpenedData Open(ParseResult parsed, MLContext mlContext, DataPart part, ITransformer model) =>
        Open(parsed, mlContext, parsed.GetValue(_data)!, part, Reading.Of(parsed, model));

    /// <summary>Opens another set of the same kind, and says what it is.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="mlContext">The context that loads the data.</param>
    /// <param name="path">The other set.</param>
    /// <param name="part">Which part to open, if a folder has both.</param>
    /// <param name="first">The set that it belongs to, whose sensor it has.</param>
    public OpenedData OpenOther(ParseResult parsed, MLContext mlContext, string path, DataPart part, OpenedData first) =>
        Open(parsed, mlContext, path, part, Reading.Of(parsed) with { Sensor = first.Sensor });

    private OpenedData Open(ParseResult parsed, MLContext mlContext, string path, DataPart part, EventReadOptions reading) =>
        DataSource.Open(mlContext, path, parsed.GetValue(_format), part, Look(parsed, reading));

    private DataLook Look(ParseResult parsed, EventReadOptions reading)
    {
        var mayForce = parsed.CommandResult.Command.Options.Any(option => option.Name == Force);
        return new()
        {
            Error = Tells ? parsed.InvocationConfiguration.Error : null,
            Reading = reading,
            MayForce = mayForce,
            IsForced = mayForce && parsed.GetValue<bool>(Force),
        };
    }
}
