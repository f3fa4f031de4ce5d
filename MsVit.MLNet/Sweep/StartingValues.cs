namespace MsVit.MLNet.Sweep;

/// <summary>What is tried first: what the user names, and where he names nothing what the options have.</summary>
internal static class StartingValues
{
    /// <summary>A value for every parameter that is used.</summary>
    /// <param name="space">The parameters.</param>
    /// <param name="options">Where the values are taken from that are not named.</param>
    /// <param name="named">Values by name.</param>
    /// <exception cref="ArgumentException">A name is no parameter, or it cannot have the value.</exception>
    public static Dictionary<string, string> Of(SearchSpace space, MsVitOptions options, IReadOnlyDictionary<string, string> named)
    {
        foreach (var (name, value) in named)
        {
            var parameter = space.Parameters.FirstOrDefault(parameter => parameter.Name == name)
                ?? throw new ArgumentException($"The starting point names {name}, which is no parameter of the space ({string.Join(", ", space.Parameters.Select(parameter => parameter.Name))}).");
            if (parameter.PlaceOf(value) is null)
            {
                throw new ArgumentException($"The starting point has {name}={value}, which the space does not.");
            }
        }
        return space.Fill(parameter => named.GetValueOrDefault(parameter.Name) ?? Own(parameter, options));
    }

    private static string Own(SearchParameter parameter, MsVitOptions options)
    {
        var key = OptionKey.Find(parameter.Name);
        var own = OptionText.Of(options, key);
        if (parameter.Kind == SearchKind.Choice)
        {
            return parameter.Choices.FirstOrDefault(choice => IsOwn(choice)) ?? parameter.Choices[0];
        }
        return parameter.PlaceOf(own) is null ? parameter.At(0.5) : own;

        // Not every choice suits the other values of the options.
        bool IsOwn(string choice)
        {
            try
            {
                return OptionText.Of(options.With(KeyValuePair.Create(parameter.Name, choice)), key) == own;
            }
            catch (ArgumentException)
            {
                return false;
            }
        }
    }
}
