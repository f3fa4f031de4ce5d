using System.Globalization;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Data;

/// <summary>Says how a set of recordings is read, and what may be wrong with it.</summary>
internal static class SurveyLines
{
    private const int MostShown = 3;

    /// <summary>Writes two lines, and one for each warning.</summary>
    public static void Write(TextWriter error, RecordingSurvey survey)
    {
        var kinds = survey.Kinds.Select(kind => survey.Kinds.Count == 1
            ? kind.Description
            : string.Create(CultureInfo.InvariantCulture, $"{kind.Count} as {kind.Description}"));
        if (survey.Kinds.Count > 0)
        {
            error.WriteLine($"Recordings: {string.Join("; ", kinds.Take(MostShown))}"
                + (survey.Kinds.Count > MostShown ? $"; and in {survey.Kinds.Count - MostShown} other ways." : "."));
        }
        error.WriteLine(survey switch
        {
            { Sensor: { } sensor, SensorSource: EventFactSource.Given } => $"Sensor: {sensor}.",
            { Sensor: { } sensor, SensorSource: EventFactSource.Measured } =>
                $"Sensor: {sensor}, the least that all events need; no file states it. If it is larger, add --sensor WxH.",
            { Sensor: { } sensor } => $"Sensor: {sensor}, as the files state.",
            _ => "Sensor: unknown.",
        });
        if (survey.Unreadable is [var first, ..])
        {
            error.WriteLine($"warning: {survey.Unreadable.Count} of the files cannot be read. The first: {ErrorLine.Of(first.Reason)}");
        }
        foreach (var warning in survey.Warnings)
        {
            error.WriteLine($"warning: {RemedyWords.Of(warning)}");
        }
    }
}
