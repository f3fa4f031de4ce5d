namespace MsVit.MLNet.Sweep;

/// <summary>The values of the first trials: those the user names, and the options' values for the rest.</summary>
internal static class StartingValues
{
    /// <summary>Returns a value for every active parameter.</summary>
    /// <param name="space">The parameters.</param>
    /// <param name="options">Supplies the values that are not named.</param>
    /// <param name="named">Values by name.</param>
    /// <exception cref="ArgumentException">A name is not a parameter, or the space does not contain the value.</exception>
    public static Dictionary<string, string> Of(SearchSpace space, MsVitOptions options, IReadOnlyDictionary<string, string> named)
    {
        foreach (var (name, value) in named)
        {
            var parameter = space.Parameters.FirstOrDefault(parameter => parameter.Name == name)
                ?? throw new ArgumentException(
                    $"The starting point sets {name}, which is not a parameter of the space "
                    + $"({string.Join(", ", space.Parameters.Select(parameter => parameter.Name))}).");
            if (parameter.PositionOf(value) is null)
            {
                throw new ArgumentException($"The starting point sets {name}={value}, which is outside the space.");
            }
        }
        return space.Fill(parameter => named.GetValueOrDefault(parameter.Name) ?? FromOptions(parameter, options));
    }

    private static string FromOptions(SearchParameter parameter, MsVitOptions options)
    {
        var key = OptionKey.Find(parameter.Name);
        var current = OptionText.Of(options, key);
        if (parameter.Kind == SearchKind.Choice)
        {
            return parameter.Choices.FirstOrDefault(choice => IsCurrent(choice)) ?? parameter.Choices[0];
        }
        return parameter.PositionOf(current) is null ? parameter.At(0.5) : current;

        // Some choices conflict with the options' other values.
        bool IsCurrent(string choice)
        {
            try
            {
                return OptionText.Of(options.With(KeyValuePair.Create(parameter.Name, choice)), key) == current;
            }
            catch (ArgumentException)
            {
                return false;
            }
        }
    }
}
