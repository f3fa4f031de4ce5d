using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Trainer.Data;
using static System.FormattableString;

namespace MsVit.Trainer.Runs;

/// <summary>
/// The full account of a data set: how many samples each class and part has, the sizes of the images or the lengths of the recordings,
/// what is passed over, which files cannot be read, and what looks wrong.
/// </summary>
internal sealed record SetTally
{
    private const int Shown = 5;

    public required string Path { get; init; }

    public required DataFormat Format { get; init; }

    /// <summary>The account; without files for drawn shapes and CIFAR's files.</summary>
    public required DataAccount Account { get; init; }

    /// <summary>How recordings are read; null for images.</summary>
    public RecordingSurvey? Survey { get; init; }

    /// <summary>The samples of the training part, by class.</summary>
    private IReadOnlyList<ClassCount> Classes => Account.Part(DataSplit.Train)?.Classes ?? [];

    private string Noun => Account.Kind == SampleKind.Recordings ? "recordings" : "images";

    private (Spread Seconds, Spread Events)? Recordings => Account.Recordings.Count == 0 ? null
        : (Spread.Of(Account.Recordings.Select(recording => recording.Duration.TotalSeconds)),
            Spread.Of(Account.Recordings.Select(recording => (double)recording.Events)));

    /// <summary>Reads a set.</summary>
    public static SetTally Of(MLContext mlContext, string path, DataFormat format, DataLook look)
    {
        var found = format == DataFormat.Auto ? FormatDetection.Of(path, DataPart.Train) : format;
        if (found is DataFormat.Shapes or DataFormat.Cifar10 or DataFormat.Cifar100)
        {
            return OfRecords(DataSource.Open(mlContext, path, found, DataPart.Train));
        }
        var account = DataSource.Account(path, found, look);
        return new()
        {
            Path = path,
            Account = account,
            Format = account.Kind == SampleKind.Recordings ? DataFormat.Events : DataFormat.Folder,
            Survey = account.Kind == SampleKind.Recordings
                ? RecordingSurvey.Of(
                    [.. account.Files.SelectMany(part => part.Samples).Select(DataSource.Recording)], look.Reading, look.Cancellation)
                : null,
        };
    }

    /// <summary>What would make training refuse the set; null if nothing.</summary>
    public string? Fatal => DataSource.Fatal(Account, Account.Part(DataSplit.Train), DataPart.Train) is { } problem
        ? AccountRemedies.Of(problem, mayForce: false)
        : null;

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["format"] = Format.ToString().ToLowerInvariant(),
            ["count"] = Classes.Sum(count => count.Count),
            ["classes"] = Counts(Classes),
            ["sizes"] = new JsonObject(Account.Sizes.Select(size => KeyValuePair.Create(size.Size, (JsonNode?)size.Count))),
            ["faults"] = new JsonArray([.. Account.Unreadable.Select(file => (JsonNode)$"{file.Path}: {file.Reason}")]),
            ["parts"] = new JsonArray([.. Account.Parts.Select(part => (JsonNode)new JsonObject
            {
                ["name"] = part.Name,
                ["split"] = part.Split?.ToString().ToLowerInvariant(),
                ["count"] = part.Samples,
                ["classes"] = Counts(part.Classes),
            })]),
            ["passedOver"] = new JsonArray([.. Account.PassedOver.Select(group => (JsonNode)new JsonObject
            {
                ["ending"] = group.Ending,
                ["reason"] = group.Reason,
                ["count"] = group.Count,
                ["examples"] = Texts(group.Examples),
            })]),
            ["duplicates"] = new JsonArray([.. Account.Duplicates.Select(files => (JsonNode)new JsonObject
            {
                ["kind"] = files.Kind.ToString(),
                ["paths"] = Texts(files.Paths),
            })]),
            ["warnings"] = Texts([.. AccountLines.Warnings(Account, opened: null, mayForce: false)]),
        };
        if (Recordings is { } recordings)
        {
            json["seconds"] = recordings.Seconds.ToJson();
            json["events"] = recordings.Events.ToJson();
        }
        return json;
    }

    public void Write(TextWriter output)
    {
        var classes = Account.Parts.SelectMany(part => part.Classes).DistinctBy(count => count.Label).Count();
        output.WriteLine(Invariant($"{Path}: {Account.Samples} {Noun} in {Counted.Of(classes, "class", "classes")}, format ")
            + Format.ToString().ToLowerInvariant());
        foreach (var part in Account.Parts)
        {
            if (part.Name.Length > 0)
            {
                output.WriteLine(Invariant($"{part.Samples,9} {part.Name}/"));
            }
            foreach (var (name, count) in part.Classes)
            {
                output.WriteLine(Invariant($"{count,9}  {name}"));
            }
        }
        var shown = string.Join(", ", Account.Sizes.Take(Shown).Select(size => $"{size.Size} ({size.Count})"));
        var rest = Account.Sizes.Count > Shown ? Invariant($" and {Account.Sizes.Count - Shown} more") : "";
        output.WriteLine($"sizes      {(shown.Length == 0 ? "none could be read" : shown)}{rest}");
        if (Recordings is var (seconds, events))
        {
            output.WriteLine(Invariant($"seconds    {seconds.Least:0.000} to {seconds.Most:0.000}, median {seconds.Median:0.000}"));
            output.WriteLine(Invariant($"events     {events.Least:0} to {events.Most:0}, median {events.Median:0}"));
        }
        List(output, $"passed over {Account.PassedOver.Sum(group => group.Count)}",
            [.. Account.PassedOver.Select(group => $"{group.Count} {group.Ending} ({group.Reason}), such as {group.Examples[0]}")]);
        List(output, $"unreadable {Account.Unreadable.Count}", [.. Account.Unreadable.Select(file => $"{file.Path}: {file.Reason}")]);
        List(output, $"duplicates {Account.Duplicates.Count}",
            [.. Account.Duplicates.Select(files => $"{Where(files.Kind)}: {string.Join(", ", files.Paths.Take(Shown))}")]);
        // What is fatal is an error, told after the account.
        foreach (var warning in AccountLines.Warnings(Account, opened: null, mayForce: false).Where(warning => warning != Fatal))
        {
            output.WriteLine($"warning    {warning}");
        }
        if (Account.Unreadable.Count > 0)
        {
            output.WriteLine("Training stops at an unreadable file unless --set Undecodable=Skip is given.");
        }
    }

    private static SetTally OfRecords(OpenedData data)
    {
        ClassCount[] classes = [.. data.View.GetColumn<string>(ImageColumns.Label).CountBy(label => label)
            .OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => new ClassCount(count.Key, count.Value))];
        return new()
        {
            Path = data.Path,
            Format = data.Format,
            Account = new()
            {
                Path = data.Path,
                Kind = SampleKind.Images,
                Parts = [new("", null, data.Path, classes)],
                // Records of one size, checked when the set was opened.
                Sizes = [new(SizeOf(data.View), classes.Sum(count => count.Count))],
            },
        };
    }

    private static void List(TextWriter output, string title, string[] lines)
    {
        output.WriteLine(title + (lines.Length == 0 ? "" : ":"));
        foreach (var line in lines.Take(Shown))
        {
            output.WriteLine($"           {line}");
        }
        if (lines.Length > Shown)
        {
            output.WriteLine(Invariant($"           and {lines.Length - Shown} more; --json lists them all."));
        }
    }

    private static string Where(DuplicateKind kind) => kind switch
    {
        DuplicateKind.AcrossParts => "in two parts",
        DuplicateKind.AcrossClasses => "in two classes",
        _ => "in one class",
    };

    private static JsonObject Counts(IEnumerable<ClassCount> classes) =>
        new(classes.Select(count => KeyValuePair.Create(count.Label, (JsonNode?)count.Count)));

    private static JsonArray Texts(IReadOnlyList<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    private static string SizeOf(IDataView view) => view.Schema[ImageColumns.Image].Type is ImageDataViewType { Width: > 0 } image
        ? $"{image.Width} x {image.Height}"
        : "of any size";
}
