using System.Globalization;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;

namespace MsVit.Trainer.Data;

/// <summary>Compares the class names of a set with the classes that a model learns.</summary>
/// <remarks>
/// Names are compared in Unicode's composed form (NFC): macOS and some archives store "ü" as two characters, which look the same. A name
/// that differs only in case, spaces or punctuation is a mistake of spelling, and is refused with the name that it resembles.
/// </remarks>
internal static class ClassNames
{
    private const int Shown = 5;

    /// <summary>The class names of a set, in ordinal order.</summary>
    public static IReadOnlyList<string> Of(OpenedData data) =>
        [.. data.View.GetColumn<string>(ImageColumns.Label).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Gives a set the spelling of the known classes.</summary>
    /// <param name="mlContext">The context that maps the labels.</param>
    /// <param name="data">The set.</param>
    /// <param name="known">The classes that the model learns.</param>
    /// <param name="warn">Is told of classes that the model does not learn.</param>
    /// <exception cref="UsageException">A name is spelled differently, or the set has none of the known classes.</exception>
    public static OpenedData Match(MLContext mlContext, OpenedData data, IReadOnlyList<string> known, Action<string> warn)
    {
        var names = Of(data);
        // If two known names have the same composed form, each is still found by its own.
        var composed = known.GroupBy(Composed).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        var (exact, spelled) = (known.ToHashSet(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        var unknown = new List<string>();
        foreach (var name in names.Where(name => !exact.Contains(name)))
        {
            if (composed.TryGetValue(Composed(name), out var same))
            {
                spelled[name] = same;
            }
            else
            {
                unknown.Add(name);
            }
        }
        Refuse(data, unknown, known, all: unknown.Count == names.Count);
        if (unknown.Count > 0)
        {
            warn($"{data.Path} has {Count(unknown, "class")} that the training data do not have: {Some(unknown)}. "
                + "Their samples are left out of the evaluation.");
        }
        return spelled.Count == 0 ? data : data with { View = Renamed(mlContext, data.View, names, spelled) };
    }

    private static void Refuse(OpenedData data, List<string> unknown, IReadOnlyList<string> known, bool all)
    {
        var near = unknown.Select(name => (Name: name, Near: known.FirstOrDefault(other => Skeleton(other) == Skeleton(name))))
            .Where(pair => pair.Near is not null).ToArray();
        if (near.Length > 0)
        {
            var pairs = string.Join(", ", near.Take(Shown).Select(pair => $"'{pair.Name}' there is '{pair.Near}' in the training data"));
            throw new UsageException($"The classes of {data.Path} are spelled differently: {pairs}"
                + $"{(near.Length > Shown ? $" and {near.Length - Shown} more" : "")}. "
                + "Rename the folders or labels of one of the two sets.");
        }
        if (all)
        {
            throw new UsageException($"None of the classes of {data.Path} ({Some(unknown)}) is a class of the training data "
                + $"({Some(known)}). Give a test set with the same classes.");
        }
    }

    private static IDataView Renamed(
        MLContext mlContext, IDataView view, IEnumerable<string> names, IReadOnlyDictionary<string, string> spelled)
    {
        var pairs = names.Select(name => KeyValuePair.Create(name, spelled.GetValueOrDefault(name, name)));
        return mlContext.Transforms.Conversion.MapValue(ImageColumns.Label, pairs, ImageColumns.Label).Fit(view).Transform(view);
    }

    private static string Composed(string name)
    {
        try
        {
            return name.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            // The name of a folder may hold half of a surrogate pair, which has no composed form.
            return name;
        }
    }

    private static string Skeleton(string name) =>
        string.Concat(Composed(name).Where(char.IsLetterOrDigit)).ToUpper(CultureInfo.InvariantCulture) is { Length: > 0 } letters
            ? letters
            : name;

    private static string Some(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? $" and {names.Count - Shown} more" : "");

    private static string Count(List<string> names, string noun) => names.Count == 1 ? $"one {noun}" : $"{names.Count} {noun}es";
}
