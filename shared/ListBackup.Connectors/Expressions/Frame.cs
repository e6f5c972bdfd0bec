namespace ListBackup.Connectors.Expressions;

/// <summary>One evaluation: the variables, the template's own names, and a budget that ends loops nobody meant.</summary>
internal sealed class Frame(ExpressionContext context, int localCount)
{
    /// <summary>Steps of one evaluation. A template over a page of a thousand items needs some ten thousand.</summary>
    private const int StepsMax = 2_000_000;

    /// <summary>Characters of all texts that one evaluation makes: each is bounded, and a list of many is too.</summary>
    private const long CharactersMax = 64 * 1024 * 1024;

    private readonly Value[] _locals = localCount == 0 ? [] : new Value[localCount];
    private int _steps;
    private long _characters;

    public ExpressionContext Context => context;

    public ref Value Local(int slot) => ref _locals[slot];

    public void Step()
    {
        if (++_steps > StepsMax)
            throw new ExpressionException("The evaluation takes too many steps.");
    }

    /// <summary>Counts a text that was made.</summary>
    public Value Made(Value value)
    {
        if (value.IsText && (_characters += value.Text.Length) > CharactersMax)
            throw new ExpressionException("The evaluation makes too much text.");

        return value;
    }
}
